import {Flags} from '@oclif/core'
import {ClinvkCommand} from 'clinvk-kit/command'

export default class Plugins extends ClinvkCommand {
  static override aliases = ['plugins:list']
  static override summary = 'List plugins; install, update and remove them.'
  static override description =
    'Lists the plugins that you have installed or linked. --core adds those that came with clinvk.'

  static override examples = [
    '<%= config.bin %> plugins',
    '<%= config.bin %> plugins --core',
    '<%= config.bin %> plugins --json | jq -r ".plugins[] | select(.type != \\"core\\") | .name"',
  ]

  static override flags = {
    core: Flags.boolean({description: 'Include plugins that came with clinvk.'}),
    json: Flags.boolean({description: 'Print JSON.'}),
  }

  async run(): Promise<void> {
    const {flags} = await this.parse(Plugins)
    const {listPluginInfo} = await import('../../plugins/plugin-info.js')
    const {ownPlugins} = await import('../../plugins/plugin-list.js')
    const {pluginTable} = await import('../../plugins/plugin-table.js')
    const all = await listPluginInfo(await ownPlugins(this.config.dataDir), this.config, this.io.env)
    const shown = flags.core ? all : all.filter(({type}) => type !== 'core')
    if (flags.json) this.printJson({plugins: shown, total: shown.length})
    else if (shown.length === 0)
      this.print('No plugins installed. Those that came with clinvk: clinvk plugins --core\n')
    else this.print(pluginTable(shown, this.io.stdout.columns))
  }
}
