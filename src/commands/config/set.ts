import * as Args from '@oclif/core/args'
import {unknownBackend} from 'clinvk-kit/backends/discover'
import {Failure} from 'clinvk-kit/errors/failure'
import {quoteCommand} from 'clinvk-kit/format/text'
import {check} from 'clinvk-kit/settings/check'
import {withValue} from 'clinvk-kit/settings/edit'
import {nested} from 'clinvk-kit/settings/resolve'
import {parseValue, type Setting} from 'clinvk-kit/settings/setting'
import {ConfigCommand, configFlag, keyArg, pathOf} from '../../config/config-command.js'
import {sourceText, valueText} from '../../config/format.js'

export default class ConfigSet extends ConfigCommand {
  static override summary = 'Set one setting in your settings file.'
  static override description =
    'Checks key and value, and keeps comments and order. A list is JSON or separated by commas.'
  static override examples = [
    'clinvk config set default_backend codex',
    'clinvk config set session.auto_resume true',
    'clinvk config set session.default_tags work,urgent',
    `clinvk config set backends.claude.extra_flags '["--effort", "high"]'`,
    'clinvk config set --config team.yaml output.format json',
  ]
  static override args = {
    key: keyArg,
    value: Args.string({description: 'The new value.', ignoreStdin: true, required: true}),
  }
  static completion = {args: {key: 'setting', value: 'setting:value'}}
  static override flags = {config: configFlag}

  async run(): Promise<void> {
    const {args, flags} = await this.parse(ConfigSet)
    const value = this.#valueOf(this.setting(args.key), args.value)
    const {path} = await this.change(flags.config, (text) => withValue(text, pathOf(args.key), value))
    this.print(`Set ${args.key} = ${valueText(value)} in ${path}\n`)
    const {entries, problems, warnings} = this.resolve(flags.config)
    const source = entries.get(args.key)?.source
    const stronger = source && source.kind !== 'user' ? [`${sourceText(source)} takes precedence here.`] : []
    this.printProblems(problems, [...stronger, ...warnings])
  }

  /** The value that a text stands for, checked. Throws a Failure of kind `usage`. */
  #valueOf({kind, path}: Setting, text: string): unknown {
    const key = path.join('.')
    if (kind === 'section')
      throw new Failure('usage', `${key} is a section. Name one setting in it.`, [
        `See: ${quoteCommand(['clinvk', 'config', 'get', key])}`,
      ])
    if (text === '')
      throw new Failure('usage', 'An empty text means: not set.', [
        `Try: ${quoteCommand(['clinvk', 'config', 'unset', key])}`,
      ])
    const value = parseValue(text, kind) ?? text
    const [problem] = check(nested(path, value), this.schema, () => ({kind: 'default'})).problems
    if (problem) throw new Failure('usage', `${problem.key}: ${problem.message}`, problem.hints)
    const {backends} = this.installed
    if (key === 'default_backend' && !backends.has(text)) throw unknownBackend(text, backends)
    return value
  }
}
