import {resolve} from 'node:path'
import {Args, Flags} from '@oclif/core'
import {ClinvkCommand} from 'clinvk-kit/command'

export default class PluginsUninstall extends ClinvkCommand {
  static override aliases = ['plugins:remove', 'plugins:unlink']
  static override summary = 'Remove your plugins.'
  static override description =
    'A plugin that came with clinvk and was replaced is used again. The folder of a linked plugin stays.'

  static override examples = [
    '<%= config.bin %> plugins uninstall clinvk-backend-x',
    '<%= config.bin %> plugins uninstall x',
  ]
  static override strict = false
  static override usage = '<%= command.id %> PLUGIN... [--json]'
  static override args = {
    plugin: Args.string({
      description:
        'Package, its name without clinvk-backend-, one of its backends, or the folder of a linked one.',
      ignoreStdin: true,
      required: true,
    }),
  }

  static override flags = {json: Flags.boolean({description: 'Print JSON.'})}

  async run(): Promise<void> {
    const {argv, flags} = await this.parse(PluginsUninstall)
    const {findOwnPlugin} = await import('../../plugins/find-plugin.js')
    const {ownPlugins} = await import('../../plugins/plugin-list.js')
    const {uninstallPlugins} = await import('../../plugins/uninstall.js')
    const own = await ownPlugins(this.config.dataDir)
    const find = (word: string) => findOwnPlugin(word, own, this.config, resolve(this.io.cwd, word))
    const chosen = new Set(await Promise.all((argv as string[]).map(find)))
    const names = [...chosen].map(({name}) => name)
    await uninstallPlugins(names, this.config, this.io)
    if (flags.json) this.printJson({uninstalled: names})
    else
      for (const {name, type} of chosen)
        this.print(`${type === 'link' ? 'Unlinked' : 'Uninstalled'} ${name}.\n`)
  }
}
