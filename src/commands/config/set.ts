import {Args, Command} from '@oclif/core'
import {Failure} from 'clinvk-kit/failure'
import {check} from 'clinvk-kit/settings/check'
import {withValue} from 'clinvk-kit/settings/edit'
import {fromText} from 'clinvk-kit/settings/from-text'
import type {Setting} from 'clinvk-kit/settings/setting'
import {writeSettingsFile} from 'clinvk-kit/settings/write-file'
import {configFlag} from '../../config/flags.js'
import {printProblems} from '../../config/print-problems.js'
import {settingNamed} from '../../config/setting-named.js'
import {SettingsFile} from '../../config/settings-file.js'
import {sourceText} from '../../config/source-text.js'
import {valueText} from '../../config/value-text.js'

export default class ConfigSet extends Command {
  static override summary = 'Set one setting in your file.'
  static override description =
    'Checks key and value; comments and order of the file stay. A list is given as JSON or separated by commas.'
  static override examples = [
    '<%= config.bin %> config set default_backend codex',
    '<%= config.bin %> config set session.auto_resume true',
    '<%= config.bin %> config set session.default_tags work,urgent',
    `<%= config.bin %> config set backends.claude.extra_flags '["--effort", "high"]'`,
    '<%= config.bin %> config set --config team.yaml output.format json',
  ]

  static override args = {
    key: Args.string({description: 'Such as session.auto_resume.', ignoreStdin: true, required: true}),
    value: Args.string({description: 'What it is to be.', ignoreStdin: true, required: true}),
  }

  static completion = {args: {key: 'setting', value: 'setting:value'}}

  static override flags = {...configFlag}

  async run(): Promise<void> {
    const {args, flags} = await this.parse(ConfigSet)
    const file = new SettingsFile(this.config, flags.config)
    const setting = settingNamed(args.key, file.schema)
    const value = valueOf(setting, args.value, file.schema)
    await writeSettingsFile(file.path, withValue(await file.readToChange(), setting.path, value))
    process.stdout.write(`Set ${args.key} = ${valueText(value)} in ${file.path}\n`)
    await tellWhatOutweighs(args.key, file)
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
  const value = fromText(text, kind) ?? text
  const settings = path.reduceRight<unknown>((inner, part) => ({[part]: inner}), value)
  const [problem] = check(settings, schema, () => ({kind: 'default'})).problems
  if (problem) throw new Failure('usage', `${problem.key}: ${problem.message}`, problem.hints)
  return value
}

/** A value that is set and has no effect is said, and so is what else is wrong. */
async function tellWhatOutweighs(key: string, file: SettingsFile): Promise<void> {
  const {entries, problems, warnings} = await file.resolve()
  const source = entries.get(key)?.source
  const stronger = source && source.kind !== 'user' ? [`${sourceText(source)} outweighs it here.`] : []
  printProblems(problems, [...stronger, ...warnings])
}
