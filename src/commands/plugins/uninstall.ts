import {resolve} from 'node:path'
import {Args, Command, Flags} from '@oclif/core'
import {currentDirectory} from 'clinvk-kit/current-directory'

export default class PluginsUninstall extends Command {
  static override aliases = ['plugins:remove', 'plugins:unlink']
  static override summary = 'Remove plugins of your own.'
  static override description =
    'Where one has replaced a plugin that came with clinvk, that one is back. A linked plugin stays where it is, and is no longer used.'

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
    const {ownPluginNamed} = await import('../../plugins/installed-named.js')
    const {ownPlugins} = await import('../../plugins/plugins-file.js')
    const {uninstallPlugins} = await import('../../plugins/uninstall.js')
    const {workbench} = await import('../../plugins/workbench.js')
    const own = await ownPlugins(this.config.dataDir)
    const cwd = currentDirectory()
    const chosen = new Set(
      (argv as string[]).map((word) => ownPluginNamed(word, own, this.config, resolve(cwd, word))),
    )
    await uninstallPlugins([...chosen], await workbench(this.config))
    const names = [...chosen].map(({name}) => name)
    process.stdout.write(
      flags.json
        ? `${JSON.stringify({uninstalled: names}, undefined, 2)}\n`
        : [...chosen]
            .map(({name, type}) => `${type === 'link' ? 'Unlinked' : 'Uninstalled'} ${name}.\n`)
            .join(''),
    )
  }
}
