import {Args, Command, Flags} from '@oclif/core'
import {currentDirectory} from 'clinvk-kit/current-directory'
import {quoteCommand} from 'clinvk-kit/format/quote-command'
import {oneLine} from 'clinvk-kit/format/one-line'
import {originText} from '../../plugins/candidate.js'
import type {Installed} from '../../plugins/install.js'
import {backendNames} from '../../plugins/replaced.js'

export default class PluginsInstall extends Command {
  static override aliases = ['plugins:add']
  static override summary = 'Install a backend or another plugin.'
  static override description =
    'From the registry of npm, a tarball or a git repository. Official plugins of the registry, and those in trust.plugins of your settings, come in at once; of any other you are told what is known, and asked. Scripts of packages do not run. When it fails, everything is as it was.'

  static override examples = [
    {description: 'An official backend', command: '<%= config.bin %> plugins install claude'},
    {
      description: "Somebody's, by its package",
      command: '<%= config.bin %> plugins install clinvk-backend-x',
    },
    {
      description: 'A version or a tag of it',
      command: '<%= config.bin %> plugins install @acme/clinvk-backend-x@1.2.3',
    },
    {
      description: 'What npm pack has made',
      command: '<%= config.bin %> plugins install ./clinvk-backend-x-1.2.3.tgz',
    },
    {
      description: 'A git repository, at a tag',
      command: '<%= config.bin %> plugins install git+https://git.example.org/x.git#v1.2.3',
    },
  ]

  static override strict = false
  static override usage = '<%= command.id %> PLUGIN... [-y] [--allow-scripts] [--json]'
  static override args = {
    plugin: Args.string({
      description:
        'Package, short name of an official one, tarball, or git address; several are installed all or none.',
      ignoreStdin: true,
      required: true,
    }),
  }

  static override flags = {
    yes: Flags.boolean({char: 'y', description: 'Do not ask: I trust it.'}),
    'allow-scripts': Flags.boolean({
      description: 'Let it and what it depends on run their scripts while they are installed.',
    }),
    json: Flags.boolean({description: 'Print JSON.'}),
  }

  async run(): Promise<void> {
    const {argv, flags} = await this.parse(PluginsInstall)
    const words = argv as string[]
    const {installPlugins} = await import('../../plugins/install.js')
    const {parseWanted} = await import('../../plugins/wanted.js')
    const {workbench} = await import('../../plugins/workbench.js')
    const cwd = currentDirectory()
    const wanted = words.map((word) => parseWanted(word, cwd))
    const withScripts = flags['allow-scripts']
    const command = `clinvk plugins install ${quoteCommand(words)}${withScripts ? ' --allow-scripts' : ''}`
    const installed = await installPlugins(wanted, await workbench(this.config), {
      yes: flags.yes,
      command,
      withScripts,
    })
    process.stdout.write(
      flags.json
        ? `${JSON.stringify({installed: installed.map((one) => jsonOf(one))}, undefined, 2)}\n`
        : installed.map((one) => sentences(one, withScripts)).join(''),
    )
  }
}

function jsonOf({candidate: {name, origin, publisher, version}, replaces}: Installed): object {
  return {
    name,
    version,
    from: originText(origin),
    ...(publisher === undefined ? {} : {publisher}),
    replaces,
  }
}

function sentences({candidate, replaces}: Installed, withScripts: boolean): string {
  const {name, origin, publisher, scripts, version} = candidate
  const by = publisher === undefined ? '' : `, published by ${oneLine(publisher)}`
  const [backend] = backendNames(candidate.pjson)
  return [
    `Installed ${name} ${version} from ${originText(origin)}${by}.`,
    ...replaces.map((what) => `It replaces ${what}.`),
    ...(scripts.length === 0 || withScripts
      ? []
      : [`Its scripts did not run (${scripts.join(', ')}). If it needs them: add --allow-scripts.`]),
    ...(backend === undefined ? [] : [`Try it: clinvk -b ${backend} "hello"`]),
    '',
  ].join('\n')
}
