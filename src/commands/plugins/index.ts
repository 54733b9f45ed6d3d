import {Command, Flags} from '@oclif/core'

export default class Plugins extends Command {
  static override summary = 'List plugins; install, update and remove them.'
  static override description =
    'Those of your own; with --core also what came with clinvk. A plugin of your own may replace one of those.'

  static override examples = [
    '<%= config.bin %> plugins',
    '<%= config.bin %> plugins --core',
    '<%= config.bin %> plugins --json | jq -r ".plugins[] | select(.type != \\"core\\") | .name"',
  ]

  static override flags = {
    core: Flags.boolean({description: 'Also what came with clinvk.'}),
    json: Flags.boolean({description: 'Print JSON.'}),
  }

  async run(): Promise<void> {
    const {flags} = await this.parse(Plugins)
    const {describeAll} = await import('../../plugins/described.js')
    const {pluginTable} = await import('../../plugins/plugin-table.js')
    const {ownPlugins} = await import('../../plugins/plugins-file.js')
    const all = await describeAll(await ownPlugins(this.config.dataDir), this.config)
    const shown = flags.core ? all : all.filter(({type}) => type !== 'core')
    if (flags.json) {
      process.stdout.write(`${JSON.stringify({plugins: shown, total: shown.length}, undefined, 2)}\n`)
      return
    }

    if (shown.length === 0) {
      process.stdout.write('No plugins installed. What came with clinvk: clinvk plugins --core\n')
      return
    }

    process.stdout.write(pluginTable(shown, process.stdout.columns))
  }
}
