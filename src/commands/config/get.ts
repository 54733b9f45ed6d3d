import {Args, Command, Flags} from '@oclif/core'
import type {Entry} from 'clinvk-kit/settings/check'
import {configFlag} from '../../config/flags.js'
import {printProblems} from '../../config/print-problems.js'
import {settingNamed} from '../../config/setting-named.js'
import {SettingsFile} from '../../config/settings-file.js'
import {settingsYaml} from '../../config/settings-yaml.js'
import {sourceJson} from '../../config/source-text.js'
import {valueText} from '../../config/value-text.js'

export default class ConfigGet extends Command {
  static override summary = 'Print one setting as it is in force, or a section of them.'
  static override description = 'Prints nothing for a setting that is not set and has no default.'
  static override examples = [
    '<%= config.bin %> config get default_backend',
    '<%= config.bin %> config get backends.claude.model --json',
    '<%= config.bin %> config get session',
  ]

  static override args = {
    key: Args.string({description: 'Such as session.auto_resume.', ignoreStdin: true, required: true}),
  }

  static completion = {args: {key: 'setting:any'}}

  static override flags = {
    ...configFlag,
    json: Flags.boolean({description: 'Print JSON: the value, and where it comes from.'}),
  }

  async run(): Promise<void> {
    const {args, flags} = await this.parse(ConfigGet)
    const file = new SettingsFile(this.config, flags.config)
    const {kind, path} = settingNamed(args.key, file.schema)
    const {entries, problems} = await file.resolve()
    printProblems(problems)
    process.stdout.write(
      kind === 'section'
        ? section(
            [...entries.values()].filter((entry) => path.every((key, index) => key === entry.path[index])),
            flags.json,
          )
        : one(args.key, entries.get(args.key), flags.json),
    )
  }
}

function one(key: string, entry: Entry | undefined, asJson: boolean): string {
  if (!asJson) return entry ? `${valueText(entry.value)}\n` : ''
  const {source, value} = entry ?? {source: {kind: 'default'} as const, value: null}
  return `${JSON.stringify({key, value, ...sourceJson(source)}, undefined, 2)}\n`
}

function section(entries: readonly Entry[], asJson: boolean): string {
  if (!asJson) return settingsYaml(entries, [], {})
  const settings = entries.map(({path, source, value}) => [path.join('.'), {value, ...sourceJson(source)}])
  return `${JSON.stringify({settings: Object.fromEntries(settings) as object}, undefined, 2)}\n`
}
