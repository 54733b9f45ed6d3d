import * as Flags from '@oclif/core/flags'
import {ConfigCommand, configFlag, keyArg} from '../../config/config-command.js'
import {entriesJson, entryJson, settingsYaml, valueText} from '../../config/format.js'

export default class ConfigGet extends ConfigCommand {
  static override summary = 'Print the value in force of one setting, or of all in a section.'
  static override description = 'Prints nothing for a setting that is not set and has no default.'
  static override examples = [
    'clinvk config get default_backend',
    'clinvk config get backends.claude.model --json',
    'clinvk config get session',
  ]
  static override args = {key: keyArg}
  static completion = {args: {key: 'setting:any'}}
  static override flags = {
    config: configFlag,
    json: Flags.boolean({description: 'Print JSON: the value, and where it comes from.'}),
  }

  async run(): Promise<void> {
    const {args, flags} = await this.parse(ConfigGet)
    const {kind, path} = this.setting(args.key)
    const {entries, problems} = this.resolve(flags.config)
    this.printProblems(problems)
    if (kind === 'section') {
      const found = [...entries.values()].filter((entry) =>
        path.every((key, index) => key === entry.path[index]),
      )
      if (flags.json) this.printJson({settings: entriesJson(found)})
      else this.print(settingsYaml(found, path))
      return
    }
    const entry = entries.get(args.key)
    if (flags.json)
      this.printJson({key: args.key, ...entryJson(entry ?? {value: null, source: {kind: 'default'}})})
    else if (entry) this.print(`${valueText(entry.value)}\n`)
  }
}
