import type {OptionDescriptor} from 'clinvk-contract'
import * as z from 'zod/mini'
import {OUTPUT_FORMATS, type OutputFormat, TURN_OPTIONS} from '../turn/request.js'

const count = z.int().check(z.gte(0))
const price = z.number().check(z.gte(0))
const days = count.check(z.lte(999_999))
const flag = z.boolean()
const text = z.string()
const texts = z.array(text)
const name = text.check(z.minLength(1))
const approval = z.enum(TURN_OPTIONS.approval.values)
const sandbox = z.enum(TURN_OPTIONS.sandbox.values)
// A model such as `--yolo` would be read as an option of the agent.
const model = text.check(z.regex(/^(?!-)/, 'text that does not begin with -'))
const PACKAGES = /^(?:@[\w.*~-]+\/)?[\w.*~-]+$/
const DURATION = /^\d+(?:\.\d+)?(?:[smhdw](?:\d+(?:\.\d+)?[smhdw])*)?$/
const packages = text.check(z.regex(PACKAGES, 'the name of a package, in which * stands for any characters'))

const optionsOfEveryBackend = {
  enabled: optional('`false` disables the backend.', flag),
  model: optional('Its model, or one of fast, balanced, best.', model),
  approval_mode: optional('Used instead of `unified_flags.approval_mode`.', approval),
  sandbox_mode: optional('Used instead of `unified_flags.sandbox_mode`.', sandbox),
  allowed_tools: optional("Tools that need no approval, in the agent's own notation.", text),
  system_prompt: optional("Replaces the agent's own system prompt.", text),
  extra_flags: optional("Arguments for the agent's own command line, passed on unchanged.", texts),
}

const sections = {
  default_backend: setting('The backend used without `--backend`.', name, 'claude'),
  unified_flags: section('For every backend.', {
    approval_mode: setting(withQuotedValues(TURN_OPTIONS.approval.summary), approval, 'default'),
    sandbox_mode: setting(withQuotedValues(TURN_OPTIONS.sandbox.summary), sandbox, 'default'),
    max_turns: setting('Maximum number of agent steps in one turn; 0: no limit.', count, 0),
    max_tokens: setting('Maximum number of tokens in one turn, input and output; 0: no limit.', count, 0),
    command_timeout_secs: setting('Maximum number of seconds for one turn; 0: no limit.', count, 0),
    wait_for_reset: setting(
      'How long to wait until a rate limit of the agent ends, such as `6h`; 0: not at all.',
      text.check(z.regex(DURATION, 'a duration such as 20m or 6h, or 0')),
      '0',
    ),
    dry_run: setting("Print the agent's command without running it.", flag, false),
    verbose: setting("Print the agent's command and what it writes to standard error.", flag, false),
  }),
  backends: describe(
    'For one backend, by its name; takes precedence over `unified_flags`.',
    z.prefault(z.record(z.string(), z.looseObject(optionsOfEveryBackend)), {}),
  ),
  session: section('For sessions.', {
    auto_resume: setting('Continue the last session of the directory, unless `--new` is given.', flag, false),
    continue_scope: setting(
      'Which session `-c` continues: the last one of `any` directory, or the last one started `here`.',
      z.enum(['any', 'here']),
      'any',
    ),
    retention_days: setting('Days that `sessions clean` keeps sessions; 0: it deletes nothing.', days, 30),
    store_token_usage: setting('Store the token usage of sessions; `false`: show none, either.', flag, true),
    store_transcripts: setting(
      'Store what was said in turns, for `sessions log`; `false`: store none from now on.',
      flag,
      true,
    ),
    default_tags: setting('Tags of every new session.', z.array(name), []),
  }),
  history: section('For what was said in sessions.', {
    archive: setting(
      "Which conversations are copied from the agents' own files, which the agents delete some day: those of `sessions`, `all`, or `off`.",
      z.enum(['sessions', 'all', 'off']),
      'sessions',
    ),
    max_size: setting(
      'Largest size of the archive with the transcripts, such as `5 GiB` or `500 MiB`; above it nothing is archived. 0: no limit.',
      text.check(z.regex(/^(?:0|\d+(?:\.\d+)? ?[KMGT]iB)$/, 'a size such as 5 GiB or 500 MiB, or 0')),
      '5 GiB',
    ),
  }),
  handoff: section('For conversations that another agent continues.', {
    max_tokens: setting(
      'The most that is carried into another agent, in tokens, about 4 bytes each; older turns are left out.',
      z.int().check(z.gte(1)),
      100_000,
    ),
  }),
  output: section('For what is printed.', {
    format: setting(
      'Format of answers; `default` is text.',
      z.enum(['default', ...(Object.keys(OUTPUT_FORMATS) as OutputFormat[])]),
      'default',
    ),
    show_tokens: setting('Print the number of tokens after an answer in text.', flag, false),
    show_timing: setting('Print the duration after an answer in text.', flag, false),
    show_summary: setting(
      'On a terminal, print a line after an answer: time, tokens, tools, and files that were edited.',
      flag,
      true,
    ),
    color: setting('Use colour on terminals that support it.', flag, true),
  }),
  parallel: section('For `clinvk parallel`.', {
    max_workers: setting('Number of turns that run at the same time.', z.int().check(z.gte(1)), 3),
    fail_fast: setting('Stop the other turns when one has failed.', flag, false),
    aggregate_output: setting('Print a table of all results at the end.', flag, true),
  }),
  worktree: section('For `clinvk parallel --worktree`. A project file cannot set it.', {
    root: optional("Directory of the worktrees, instead of `worktrees` in clinvk's home.", name),
    setup: optional(
      'Command of the shell that prepares a new worktree, such as `npm ci`. Its variable `CLINVK_REPOSITORY` is the work tree of the user.',
      name,
    ),
  }),
  trust: section('For `clinvk plugins`: whose code may be installed. A project file cannot set it.', {
    plugins: setting(
      'Packages that install from the registry without confirmation, as the official ones do: names, or patterns such as `@acme/*`.',
      z.array(packages),
      [],
    ),
    only: setting(
      'Refuse every plugin that is neither official nor in `trust.plugins`, even with `--yes`.',
      flag,
      false,
    ),
  }),
  prices: describe(
    'What `clinvk usage` computes with, in US dollars for a million tokens, by the name of a model as `usage --by model` shows it. What is not set is as in the table that clinvk comes with.',
    z.prefault(
      z.record(
        name,
        z.strictObject({
          input: optional('Tokens that were sent.', price),
          cached: optional('Those that were read from a cache.', price),
          cache_write: optional('Those that were written to a cache, for 5 minutes.', price),
          cache_write_1h: optional('The same, for an hour.', price),
          output: optional('Tokens that were answered.', price),
        }),
      ),
      {},
    ),
  ),
  server: optional('For the server plugin: any key.', z.record(z.string(), z.unknown())),
  plugins: optional(
    'For other plugins, by their names: any key.',
    z.record(z.string(), z.record(z.string(), z.unknown())),
  ),
}

/**
 * The one definition of `config.yaml`: keys, types, defaults, descriptions. Unknown
 * keys are errors, so that a misspelt setting is never silently ignored.
 */
export const settingsSchema = z.strictObject(sections)

/** The settings of `config.yaml`, with the key names of the file (`docs/reference/configuration.md`). */
export type Settings = z.output<typeof settingsSchema>

/** The same with the options of the installed backends, whose other keys are errors too. */
export function schemaFor(backends: BackendOptions) {
  const installed = [...backends].map(([name, {descriptor}]) => {
    const own = Object.entries(descriptor.options ?? {}).map(
      ([key, option]) =>
        [
          key,
          optional(option.description, option.values ? z.enum(option.values) : OPTION_TYPES[option.type]),
        ] as const,
    )
    return [name, z.optional(z.strictObject({...optionsOfEveryBackend, ...Object.fromEntries(own)}))] as const
  })
  const all = z.catchall(z.object(Object.fromEntries(installed)), z.looseObject(optionsOfEveryBackend))
  const {description = ''} = z.globalRegistry.get(sections.backends) ?? {}
  return z.strictObject({...sections, backends: describe(description, z.prefault(all, {}))})
}

/** Installed backends, by name, as far as settings are concerned. */
export type BackendOptions = ReadonlyMap<
  string,
  {readonly descriptor: {readonly options?: Readonly<Record<string, OptionDescriptor>>}}
>

const OPTION_TYPES = {boolean: flag, integer: count, list: texts, string: text}

function section<Shape extends Record<string, z.ZodMiniType>>(description: string, shape: Shape) {
  // Every setting of a section has a default.
  return describe(description, z.prefault(z.strictObject(shape), {} as never))
}

function setting<Type extends z.ZodMiniType>(
  description: string,
  type: Type,
  value: NoInfer<z.output<Type>>,
) {
  return describe(description, z._default<Type>(type, value as never))
}

/** Help lists the values of a choice, one a line. */
function withQuotedValues(summary: string): string {
  return summary.replaceAll(/^([a-z-]+)(?=: )/gm, '`$1`')
}

function optional<Type extends z.ZodMiniType>(description: string, type: Type) {
  return describe(description, z.optional(type))
}

function describe<Type extends z.ZodMiniType>(description: string, type: Type): Type {
  z.globalRegistry.add(type, {description})
  return type
}
