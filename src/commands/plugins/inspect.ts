import {Args, Flags} from '@oclif/core'
import {ClinvkCommand} from 'clinvk-kit/command'
import {Failure} from 'clinvk-kit/errors/failure'

export default class PluginsInspect extends ClinvkCommand {
  static override summary = 'Show details of a plugin.'
  static override description =
    'Where it is and came from, who published it, what it provides and depends on. Reads only this machine.'

  static override examples = [
    '<%= config.bin %> plugins inspect clinvk-backend-x',
    '<%= config.bin %> plugins inspect claude --json',
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
    const {shortName} = await import('../../plugins/find-plugin.js')
    const {listPluginInfo, pluginDetails} = await import('../../plugins/plugin-info.js')
    const {ownPlugins} = await import('../../plugins/plugin-list.js')
    const {pluginText} = await import('../../plugins/plugin-table.js')
    const {dataDir} = this.config
    const all = await listPluginInfo(await ownPlugins(dataDir), this.config, this.io.env)
    const found =
      all.find(({name}) => name === args.plugin) ??
      all.find(({backends, name}) => shortName(name) === args.plugin || backends.includes(args.plugin))
    if (!found)
      throw new Failure('usage', `There is no plugin ${args.plugin}.`, [
        `Available: ${all.map(({name}) => name).join(', ')}`,
      ])
    const details = await pluginDetails(found, dataDir)
    if (flags.json) this.printJson(details)
    else this.print(pluginText(details))
  }
}
