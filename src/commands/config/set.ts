import {Args} from '@oclif/core'
import {Failure} from 'clinvk-kit/errors/failure'
import {check} from 'clinvk-kit/settings/check'
import {withValue} from 'clinvk-kit/settings/edit'
import {writeSettingsFile} from 'clinvk-kit/settings/files'
import {parseValue} from 'clinvk-kit/settings/parse-value'
import {nested} from 'clinvk-kit/settings/resolve'
import type {Setting} from 'clinvk-kit/settings/setting'
import {ConfigCommand, configFlag, keyArg} from '../../config/config-command.js'
import {sourceText, valueText} from '../../config/format.js'
import type {SettingsFile} from '../../config/settings-file.js'

export default class ConfigSet extends ConfigCommand {
  static override summary = 'Set one setting in your settings file.'
  static override description =
    'Checks key and value, and keeps comments and order. A list is JSON or separated by commas.'
  static override examples = [
    '<%= config.bin %> config set default_backend codex',
    '<%= config.bin %> config set session.auto_resume true',
    '<%= config.bin %> config set session.default_tags work,urgent',
    `<%= config.bin %> config set backends.claude.extra_flags '["--effort", "high"]'`,
    '<%= config.bin %> config set --config team.yaml output.format json',
  ]

  static override args = {
    key: keyArg,
    value: Args.string({description: 'The new value.', ignoreStdin: true, required: true}),
  }

  static completion = {args: {key: 'setting', value: 'setting:value'}}
  static override flags = {config: configFlag}

  async run(): Promise<void> {
    const {args, flags} = await this.parse(ConfigSet)
    const file = this.settingsFile(flags)
    const setting = file.setting(args.key)
    const value = valueOf(setting, args.value, file.schema)
    await writeSettingsFile(file.path, withValue(await file.readToChange(), setting.path, value))
    this.print(`Set ${args.key} = ${valueText(value)} in ${file.path}\n`)

    const {entries, problems, warnings} = await file.resolve()
    const source = entries.get(args.key)?.source
    const stronger = source && source.kind !== 'user' ? [`${sourceText(source)} takes precedence here.`] : []
    this.printProblems(problems, [...stronger, ...warnings])
  }
}

/** The value that a text stands for, checked. Throws a Failure of kind `usage`. */
function valueOf({kind, path}: Setting, text: string, schema: SettingsFile['schema']): unknown {
  const key = path.join('.')
  if (kind === 'section')
    throw new Failure('usage', `${key} is a section; name one setting in it.`, [
      `See: clinvk config get ${key}`,
    ])
  if (text === '')
    throw new Failure('usage', 'An empty text means: not set.', [`Try: clinvk config unset ${key}`])
  const value = parseValue(text, kind) ?? text
  const [problem] = check(nested(path, value), schema, () => ({kind: 'default'})).problems
  if (problem) throw new Failure('usage', `${problem.key}: ${problem.message}`, problem.hints)
  return value
}
