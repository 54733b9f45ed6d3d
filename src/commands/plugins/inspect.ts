import {Args, Command, Flags} from '@oclif/core'
import {Failure} from 'clinvk-kit/failure'
import {oneLine} from 'clinvk-kit/format/one-line'
import type {Inspected} from '../../plugins/inspected.js'

export default class PluginsInspect extends Command {
  static override summary = 'All about one plugin.'
  static override description =
    'Where it is and came from, who published it, what it brings and needs. Reads only what is on this machine.'

  static override examples = [
    '<%= config.bin %> plugins inspect clinvk-backend-x',
    '<%= config.bin %> plugins inspect claude --json',
  ]

  static override args = {
    plugin: Args.string({
      description: 'Package, or its name without clinvk-backend-; also of what came with clinvk.',
      ignoreStdin: true,
      required: true,
    }),
  }

  static override flags = {json: Flags.boolean({description: 'Print JSON.'})}

  async run(): Promise<void> {
    const {args, flags} = await this.parse(PluginsInspect)
    const {describeAll} = await import('../../plugins/described.js')
    const {inspect} = await import('../../plugins/inspected.js')
    const {shortName} = await import('../../plugins/installed-named.js')
    const {ownPlugins} = await import('../../plugins/plugins-file.js')
    const {dataDir} = this.config
    const all = await describeAll(await ownPlugins(dataDir), this.config)
    const found =
      all.find(({name}) => name === args.plugin) ??
      all.find(({backends, name}) => shortName(name) === args.plugin || backends.includes(args.plugin))
    if (!found)
      throw new Failure('usage', `There is no plugin ${args.plugin}.`, [
        `There are: ${all.map(({name}) => name).join(', ')}`,
      ])
    const about = await inspect(found, dataDir)
    process.stdout.write(flags.json ? `${JSON.stringify(about, undefined, 2)}\n` : text(about))
  }
}

function text(about: Inspected): string {
  const rows: [string, string | undefined][] = [
    ['name', about.name],
    ['version', about.version],
    ['about', about.description],
    ['origin', about.from],
    ['published by', about.publisher],
    ['maintainers', about.maintainers?.join(', ')],
    ['scripts', about.scripts_allowed ? 'they may run while it is installed' : undefined],
    ['folder', about.root],
    ['backends', about.backends.join(', ')],
    ['commands', about.commands.join(', ')],
    ['listens to', about.hooks.join(', ')],
    [
      'needs',
      Object.entries(about.dependencies)
        .map(([name, version]) => `${name} ${version ?? '(missing)'}`)
        .join(', '),
    ],
    ['problem', about.problem],
  ]
  return rows
    .filter(([, value]) => value !== undefined && value !== '')
    .map(([key, value]) => `${key.padEnd(14)}${oneLine(value!)}\n`)
    .join('')
}
