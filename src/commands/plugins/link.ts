import {resolve} from 'node:path'
import {Args, Command, Flags} from '@oclif/core'
import {currentDirectory} from 'clinvk-kit/current-directory'
import {quoteCommand} from 'clinvk-kit/format/quote-command'
import {backendNames} from '../../plugins/replaced.js'

export default class PluginsLink extends Command {
  static override summary = 'Use a plugin as it stands in a folder: for writing one.'
  static override description =
    'Nothing is copied, built or installed: what you change there counts at once. You are asked first, because code of that folder will run with your rights.'

  static override examples = [
    '<%= config.bin %> plugins link .',
    '<%= config.bin %> plugins link ./clinvk-backend-x --yes',
  ]
  static override args = {
    folder: Args.string({default: '.', description: 'With its package.json.', ignoreStdin: true}),
  }

  static override flags = {
    yes: Flags.boolean({char: 'y', description: 'Do not ask: I trust it.'}),
    // What oclif's own command has.
    install: Flags.boolean({
      allowNo: true,
      default: false,
      hidden: true,
      description: 'Has no effect: dependencies are for you to install.',
    }),
    json: Flags.boolean({description: 'Print JSON.'}),
  }

  async run(): Promise<void> {
    const {args, flags} = await this.parse(PluginsLink)
    const {linkPlugin} = await import('../../plugins/link.js')
    const {workbench} = await import('../../plugins/workbench.js')
    const root = resolve(currentDirectory(), args.folder)
    const command = `clinvk plugins link ${quoteCommand([args.folder])}`
    const {flaw, missing, plugin, replaces} = await linkPlugin(root, await workbench(this.config), {
      yes: flags.yes,
      command,
      withScripts: false,
    })
    const {name, pjson, version} = plugin
    const [backend] = backendNames({...pjson, name, version})
    if (flaw) process.stderr.write(`Note: it cannot be used as it is now: ${flaw.message}\n`)
    if (missing.length > 0)
      process.stderr.write(
        `Note: it needs ${missing.join(', ')}, not installed yet: cd ${quoteCommand([root])} && npm install\n`,
      )
    process.stdout.write(
      flags.json
        ? `${JSON.stringify({linked: {name, version, root, replaces}}, undefined, 2)}\n`
        : [
            `Linked ${name} ${version} to ${root}.`,
            ...replaces.map((what) => `It replaces ${what}.`),
            ...(backend === undefined || flaw ? [] : [`Try it: clinvk -b ${backend} "hello"`]),
            '',
          ].join('\n'),
    )
  }
}
