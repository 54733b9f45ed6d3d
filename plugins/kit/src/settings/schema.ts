import {z} from 'zod'
import type {ApprovalMode, OptionDescriptor, SandboxMode} from 'clinvk-contract'

const count = z.int().min(0)
const text = z.string()
const texts = z.array(z.string())
const approval = z.enum(['default', 'auto', 'none', 'always'] satisfies ApprovalMode[])
const sandbox = z.enum(['default', 'read-only', 'workspace', 'full'] satisfies SandboxMode[])
// In the command line of an agent a name like `--yolo` would be an option of its own.
const model = z.string().regex(/^(?!-)/, 'a text that does not begin with -')

// The name of a package, with `*` in it: a misspelt one would let in nothing, and say nothing.
const PACKAGE_PATTERN = /^(?:@[\w.*~-]+\/)?[\w.*~-]+$/

/** What every backend may be told under `backends.<name>`. */
const ofBackend = {
  enabled: z.boolean().optional().describe('`false` switches the backend off.'),
  model: model.optional().describe('Its model, or one of fast, balanced, best.'),
  approval_mode: approval.optional().describe('Instead of `unified_flags.approval_mode`.'),
  sandbox_mode: sandbox.optional().describe('Instead of `unified_flags.sandbox_mode`.'),
  allowed_tools: text.optional().describe('Tools that need no approval, in the words of the agent.'),
  system_prompt: text.optional().describe("Replaces the agent's own system prompt."),
  extra_flags: texts.optional().describe("Words for the agent's own command line, as they are."),
}

/**
 * What `config.yaml` may hold: types, defaults and descriptions have their source
 * here. Unknown keys are errors: a setting that is misspelt must not be silently
 * without effect.
 */
export const settingsSchema = z.strictObject({
  default_backend: z
    .string()
    .min(1)
    .default('claude')
    .describe('The backend of a prompt without `--backend`.'),
  unified_flags: z
    .strictObject({
      approval_mode: approval
        .default('default')
        .describe(
          'What the agent may do without asking: `default` its own way, `auto` edit files, `none` only what needs no asking, `always` nothing.',
        ),
      sandbox_mode: sandbox
        .default('default')
        .describe(
          'What the agent may touch: `default` its own way, `read-only` nothing, `workspace` the working directory, `full` everything.',
        ),
      max_turns: count
        .default(0)
        .describe('The most steps of one turn, where the agent has such a limit; 0: no limit.'),
      max_tokens: count
        .default(0)
        .describe(
          'The most tokens of one turn, input and output together, where the agent counts them while it runs; 0: no limit.',
        ),
      command_timeout_secs: count.default(0).describe('The most seconds of one turn; 0: no limit.'),
      dry_run: z.boolean().default(false).describe("Print the agent's command, do not run it."),
      verbose: z
        .boolean()
        .default(false)
        .describe('Say what is run, and pass on what the agent writes to standard error.'),
    })
    .prefault({})
    .describe('For every backend.'),
  backends: z
    .record(z.string(), z.looseObject(ofBackend))
    .prefault({})
    .describe('For one backend, by its name; beats `unified_flags`.'),
  session: z
    .strictObject({
      auto_resume: z
        .boolean()
        .default(false)
        .describe(
          'A plain prompt goes on with the last session of its directory; `--new` begins another one.',
        ),
      continue_scope: z
        .enum(['any', 'here'])
        .default('any')
        .describe(
          'What `-c` goes on with: the last session of `any` directory, or of the one that you are `here` in.',
        ),
      retention_days: count
        .max(999_999)
        .default(30)
        .describe('Days that `sessions clean` keeps sessions; with 0 it deletes nothing.'),
      store_token_usage: z
        .boolean()
        .default(true)
        .describe('Keep token usage with sessions. With false none is stored and none is shown.'),
      default_tags: z.array(z.string().min(1)).default([]).describe('Tags of every new session.'),
    })
    .prefault({})
    .describe('For sessions.'),
  output: z
    .strictObject({
      format: z
        .enum(['default', 'text', 'json', 'stream-json'])
        .default('default')
        .describe('How answers are printed; `default` is text.'),
      show_tokens: z
        .boolean()
        .default(false)
        .describe('Say after an answer in text how many tokens it took.'),
      show_timing: z.boolean().default(false).describe('Say after an answer in text how long it took.'),
      color: z.boolean().default(true).describe('Colour, where a terminal shows it.'),
    })
    .prefault({})
    .describe('For what is printed.'),
  parallel: z
    .strictObject({
      max_workers: z.int().min(1).default(3).describe('How many turns run at once.'),
      fail_fast: z.boolean().default(false).describe('End the others when one has failed.'),
      aggregate_output: z.boolean().default(true).describe('End with a table of all results.'),
    })
    .prefault({})
    .describe('For `clinvk parallel`.'),
  trust: z
    .strictObject({
      plugins: z
        .array(z.string().regex(PACKAGE_PATTERN, 'the name of a package, in which * stands for any letters'))
        .default([])
        .describe(
          'Packages that install from the registry without being asked about, as the official ones do: names, or patterns such as `@acme/*`.',
        ),
      only: z
        .boolean()
        .default(false)
        .describe(
          'Refuse every plugin that is neither official nor in `trust.plugins`; `--yes` does not help.',
        ),
    })
    .prefault({})
    .describe('For `clinvk plugins`: whose code may be installed. A project file cannot set it.'),
  server: z
    .record(z.string(), z.unknown())
    .optional()
    .describe('For the server plugin: any key, kept as it is.'),
  plugins: z
    .record(z.string(), z.record(z.string(), z.unknown()))
    .optional()
    .describe('For other plugins, by their names: any key, kept as it is.'),
})

/** The same, with the options that each installed backend has of its own; there, too, other keys are errors. */
export function schemaFor(backends: BackendOptions): z.ZodObject {
  const known = [...backends].map(([name, {descriptor}]) => [
    name,
    z.strictObject({...ofBackend, ...optionsOf(descriptor.options ?? {})}).optional(),
  ])
  return settingsSchema.extend({
    backends: z
      .object(Object.fromEntries(known) as Record<string, z.ZodType>)
      .catchall(z.looseObject(ofBackend))
      .prefault({})
      .describe(settingsSchema.shape.backends.description!),
  })
}

/** Installed backends, by name, as far as settings are concerned. */
export type BackendOptions = ReadonlyMap<
  string,
  {readonly descriptor: {readonly options?: Readonly<Record<string, OptionDescriptor>>}}
>

function optionsOf(options: Readonly<Record<string, OptionDescriptor>>): Record<string, z.ZodType> {
  return Object.fromEntries(
    Object.entries(options).map(([name, option]) => [
      name,
      typeOf(option).optional().describe(option.description),
    ]),
  )
}

function typeOf({type, values}: OptionDescriptor): z.ZodType {
  switch (type) {
    case 'boolean':
      return z.boolean()
    case 'integer':
      return count
    case 'list':
      return texts
    case 'string':
      return values ? z.enum(values) : text
  }
}
