import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import {ClinvkCommand} from 'clinvk-kit/command'
import {oneLine, quoteCommand} from 'clinvk-kit/format/text'
import type {Allowed} from '../../plugins/allow-plugin.js'
import {identify, installPlugins, type Wanted} from '../../plugins/install.js'
import {sourceText} from '../../plugins/package-identity.js'
import {parsePackageSpec} from '../../plugins/package-spec.js'
import {pluginContext} from '../../plugins/plugin-context.js'

export default class PluginsInstall extends ClinvkCommand {
  static override aliases = ['plugins:add']
  static override summary = 'Install a backend or another plugin.'
  static override description =
    'From the npm registry, a tarball or a git repository. Official plugins and those in trust.plugins of your settings are installed from the registry at once. For any other, you see what is known about it and are asked. Install scripts do not run. When it fails, nothing has changed.'
  static override examples = [
    {description: 'An official backend', command: 'clinvk plugins install claude'},
    {description: 'Any package', command: 'clinvk plugins install clinvk-backend-x'},
    {
      description: 'A version, a range or a tag',
      command: 'clinvk plugins install @acme/clinvk-backend-x@1.2.3',
    },
    {
      description: 'A tarball made by npm pack',
      command: 'clinvk plugins install ./clinvk-backend-x-1.2.3.tgz',
    },
    {
      description: 'A git repository at a tag',
      command: 'clinvk plugins install git+https://git.example.org/x.git#v1.2.3',
    },
  ]
  static override strict = false
  static override usage = '<%= command.id %> PLUGIN... [FLAGS]'
  static override args = {
    plugin: Args.string({
      description:
        'Package, short name of an official one, tarball, or git address. Of several, all are installed or none.',
      ignoreStdin: true,
      required: true,
    }),
  }
  static override flags = {
    yes: Flags.boolean({char: 'y', description: 'Do not ask: I trust it.'}),
    'allow-scripts': Flags.boolean({
      description: 'Run the install scripts of the package and its dependencies.',
    }),
    json: Flags.boolean({description: 'Print JSON.'}),
  }

  async run(): Promise<void> {
    const {argv, flags} = await this.parse(PluginsInstall)
    const words = argv as string[]
    const specs = words.map((word) => parsePackageSpec(word, this.io.cwd))
    const allowScripts = flags['allow-scripts']
    const command = `clinvk plugins install ${quoteCommand(words)}${allowScripts ? ' --allow-scripts' : ''}`
    const context = await pluginContext(this.config, this.io, {yes: flags.yes, allowScripts, command})
    const wanted: Wanted[] = []
    for (const spec of specs) wanted.push({identity: await identify(spec, context)})
    const installed = await installPlugins(wanted, context)
    if (flags.json) this.printJson({installed: installed.map((one) => jsonOf(one))})
    else this.print(installed.map((one) => sentences(one, allowScripts)).join(''))
  }
}

function jsonOf({plugin: {name, publisher, source, version}, replaces}: Allowed): object {
  return {name, version, from: sourceText(source), publisher, replaces}
}

function sentences({plugin, replaces}: Allowed, allowScripts: boolean): string {
  const {name, provides, publisher, scripts, source, version} = plugin
  const by = publisher === undefined ? '' : `, published by ${oneLine(publisher)}`
  const [backend] = provides.backends
  return [
    `Installed ${name} ${version} from ${sourceText(source)}${by}.`,
    ...replaces.map((what) => `It replaces ${what}.`),
    ...(scripts.length === 0 || allowScripts
      ? []
      : [`Its scripts did not run (${scripts.join(', ')}). If it needs them: add --allow-scripts.`]),
    ...(backend === undefined ? [] : [`Try it: clinvk -b ${backend} "hello"`]),
    '',
  ].join('\n')
}
