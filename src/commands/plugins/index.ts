import * as Flags from '@oclif/core/flags'
import {ClinvkCommand} from 'clinvk-kit/command'
import {oneLine} from 'clinvk-kit/format/text'
import {table, widthOf} from 'clinvk-kit/format/table'
import {listPluginInfo, type PluginInfo, whereFrom} from '../../plugins/plugin-info.js'

export default class Plugins extends ClinvkCommand {
  static override aliases = ['plugins:list']
  static override summary = 'List plugins; install, update and remove them.'
  static override description =
    'Lists the plugins that you have installed or linked. --core adds those that came with clinvk.'
  static override examples = [
    'clinvk plugins',
    'clinvk plugins --core',
    'clinvk plugins --json | jq -r ".plugins[] | select(.type != \\"core\\") | .name"',
  ]
  static override flags = {
    core: Flags.boolean({description: 'Include plugins that came with clinvk.'}),
    json: Flags.boolean({description: 'Print JSON.'}),
  }

  async run(): Promise<void> {
    const {flags} = await this.parse(Plugins)
    const all = await listPluginInfo(this.config, this.io.env)
    const shown = flags.core ? all : all.filter(({type}) => type !== 'core')
    if (flags.json) this.printJson({plugins: shown, total: shown.length})
    else if (shown.length === 0)
      this.print('No plugins installed. Those that came with clinvk: clinvk plugins --core\n')
    else this.print(pluginTable(shown, widthOf(this.io.stdout)))
  }
}

function pluginTable(plugins: readonly PluginInfo[], terminalWidth?: number): string {
  const rows = plugins.map((plugin) => [
    plugin.name,
    plugin.version ?? '-',
    plugin.problem === undefined ? contents(plugin) : `not used: ${oneLine(plugin.problem)}`,
    whereFrom(plugin),
  ])
  return table(COLUMNS, rows, terminalWidth)
}

function contents({backends, commands}: PluginInfo): string {
  const parts = backends.map((name) => `backend ${name}`)
  if (commands.length > 0) parts.push(commands.length === 1 ? '1 command' : `${commands.length} commands`)
  return parts.join(', ') || '-'
}

const COLUMNS = ['PLUGIN', 'VERSION', 'CONTENTS', 'FROM'].map((title) => ({title, width: 0}))
