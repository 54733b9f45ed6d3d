import {resolve} from 'node:path'
import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import {ClinvkCommand} from 'clinvk-kit/command'
import {isFailure} from 'clinvk-kit/errors/failure'
import {quoteCommand} from 'clinvk-kit/format/text'
import {identifyLink, installPlugins} from '../../plugins/install.js'
import {findPackage} from '../../plugins/package-json.js'
import {pluginContext} from '../../plugins/plugin-context.js'
import {checkBackends} from '../../plugins/plugin-package.js'

export default class PluginsLink extends ClinvkCommand {
  static override summary = 'Use a plugin in its own folder, while you write it.'
  static override description =
    'Nothing is copied, built or installed, and each change in the folder takes effect at once. You are asked first, because code in that folder will run with your rights.'
  static override examples = ['clinvk plugins link .', 'clinvk plugins link ./clinvk-backend-x --yes']
  static override args = {
    folder: Args.string({default: '.', description: 'Folder with a package.json.', ignoreStdin: true}),
  }
  static override flags = {
    yes: Flags.boolean({char: 'y', description: 'Do not ask: I trust it.'}),
    install: Flags.boolean({
      allowNo: true,
      hidden: true,
      description: "No effect; oclif's own command has it.",
    }),
    json: Flags.boolean({description: 'Print JSON.'}),
  }

  async run(): Promise<void> {
    const {args, flags} = await this.parse(PluginsLink)
    const root = resolve(this.io.cwd, args.folder)
    const command = `clinvk plugins link ${quoteCommand([args.folder])}`
    const context = await pluginContext(this.config, this.io, {yes: flags.yes, allowScripts: false, command})
    const [linked] = await installPlugins([{identity: await identifyLink(root)}], context)
    const {plugin, replaces} = linked!
    const {name, pjson, provides, version} = plugin
    // While a plugin is being written, this is no error.
    const problem = await checkBackends(root, pjson).catch((error: unknown) => {
      if (isFailure(error)) return error
      throw error
    })
    if (problem) this.note(`It cannot be used yet: ${problem.message}`)
    const missing: string[] = []
    for (const dependency of Object.keys(pjson.dependencies ?? {}))
      if (!(await findPackage(dependency, root))) missing.push(dependency)
    const install = `cd ${quoteCommand([root])} && npm install`
    if (missing.length > 0) this.note(`Not installed: ${missing.join(', ')}. Install them: ${install}`)
    if (flags.json) return this.printJson({linked: {name, version, root, replaces}})
    const [backend] = provides.backends
    this.print(`Linked ${name} ${version} to ${root}.\n`)
    for (const what of replaces) this.print(`It replaces ${what}.\n`)
    if (backend !== undefined && !problem) this.print(`Try it: clinvk -b ${backend} "hello"\n`)
  }
}
