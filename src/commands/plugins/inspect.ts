import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import {ClinvkCommand} from 'clinvk-kit/command'
import {oneLine} from 'clinvk-kit/format/text'
import {findPlugin, listPluginInfo, pluginDetails, type PluginDetails} from '../../plugins/plugin-info.js'

export default class PluginsInspect extends ClinvkCommand {
  static override summary = 'Show details of a plugin.'
  static override description =
    'Where it is and came from, who published it, what it provides and depends on. Reads only this machine.'
  static override examples = [
    'clinvk plugins inspect clinvk-backend-x',
    'clinvk plugins inspect claude --json',
  ]
  static override args = {
    plugin: Args.string({
      description: 'Package, its name without clinvk-backend-, or one of its backends.',
      ignoreStdin: true,
      required: true,
    }),
  }
  static override flags = {json: Flags.boolean({description: 'Print JSON.'})}

  async run(): Promise<void> {
    const {args, flags} = await this.parse(PluginsInspect)
    const plugin = findPlugin(args.plugin, await listPluginInfo(this.config, this.io.env))
    const details = await pluginDetails(plugin, this.config.dataDir)
    if (flags.json) this.printJson(details)
    else this.print(pluginText(details))
  }
}

function pluginText(plugin: PluginDetails): string {
  const dependencies = Object.entries(plugin.dependencies)
  const rows: [label: string, value: string | undefined][] = [
    ['name', plugin.name],
    ['version', plugin.version],
    ['about', plugin.description],
    ['origin', plugin.from],
    ['published by', plugin.publisher],
    ['maintainers', plugin.maintainers?.join(', ')],
    ['scripts', plugin.scripts_allowed ? 'they may run during installation' : undefined],
    ['folder', plugin.root],
    ['backends', plugin.backends.join(', ')],
    ['commands', plugin.commands.join(', ')],
    ['hooks', plugin.hooks.join(', ')],
    ['needs', dependencies.map(([name, version]) => `${name} ${version ?? '(missing)'}`).join(', ')],
    ['problem', plugin.problem],
  ]
  return rows.map(([label, value]) => (value ? `${label.padEnd(14)}${oneLine(value)}\n` : '')).join('')
}
