import {resolve} from 'node:path'
import {Args, Flags} from '@oclif/core'
import {ClinvkCommand} from 'clinvk-kit/command'
import {quoteCommand} from 'clinvk-kit/format/text'

export default class PluginsLink extends ClinvkCommand {
  static override summary = 'Use a plugin in its own folder, while you write it.'
  static override description =
    'Nothing is copied, built or installed, and each change in the folder takes effect at once. You are asked first, because code in that folder will run with your rights.'

  static override examples = [
    '<%= config.bin %> plugins link .',
    '<%= config.bin %> plugins link ./clinvk-backend-x --yes',
  ]
  static override args = {
    folder: Args.string({default: '.', description: 'Folder with a package.json.', ignoreStdin: true}),
  }

  static override flags = {
    yes: Flags.boolean({char: 'y', description: 'Do not ask: I trust it.'}),
    install: Flags.boolean({
      allowNo: true,
      default: false,
      hidden: true,
      description: "No effect; oclif's own command has it.",
    }),
    json: Flags.boolean({description: 'Print JSON.'}),
  }

  async run(): Promise<void> {
    const {args, flags} = await this.parse(PluginsLink)
    const {linkPlugin} = await import('../../plugins/link.js')
    const {pluginContext} = await import('../../plugins/plugin-context.js')
    const root = resolve(this.io.cwd, args.folder)
    const command = `clinvk plugins link ${quoteCommand([args.folder])}`
    const context = await pluginContext(this.config, this.io, {yes: flags.yes, allowScripts: false, command})
    const {missing, plugin, problem, replaces} = await linkPlugin(root, context)
    const {name, provides, version} = plugin
    if (problem) this.note(`It cannot be used yet: ${problem.message}`)
    if (missing.length > 0)
      this.note(
        `Not installed: ${missing.join(', ')}. Install them: cd ${quoteCommand([root])} && npm install`,
      )
    if (flags.json) this.printJson({linked: {name, version, root, replaces}})
    else {
      const [backend] = provides.backends
      this.print(
        [
          `Linked ${name} ${version} to ${root}.`,
          ...replaces.map((what) => `It replaces ${what}.`),
          ...(backend === undefined || problem ? [] : [`Try it: clinvk -b ${backend} "hello"`]),
          '',
        ].join('\n'),
      )
    }
  }
}
