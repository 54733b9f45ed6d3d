import {parseDuration} from 'clinvk-kit/format/duration'
import {z} from 'zod'

const DURATION = 'a number of seconds, or a text such as 90s, 10m, 1h30m'

const taskFields = {
  prompt: z.string('a text').regex(/\S/, 'a text that is not empty'),
  backend: text(),
  model: text(),
  /** Relative to `--workdir`, else to the current directory. */
  workdir: text(),
  approval_mode: optional(choice(['default', 'auto', 'none', 'always'])),
  sandbox_mode: optional(choice(['default', 'read-only', 'workspace', 'full'])),
  system_prompt: text(),
  max_turns: count(),
  max_tokens: count(),
  allowed_tools: optional(texts()),
  add_dirs: optional(texts()),
  extra: optional(texts()),
  timeout: duration(),
  idle_timeout: duration(),
  ephemeral: yesOrNo(),
  dry_run: yesOrNo(),
  verbose: yesOrNo(),
  /** Taken and left: how results are printed is said by the flags. */
  output_format: text(),
  id: text(),
  name: text(),
  tags: optional(texts()),
  meta: optional(
    z.record(
      z.string(),
      z.union([z.string(), z.number(), z.boolean()], 'a text').transform(String),
      'names with texts',
    ),
  ),
}

/** The names of all fields. */
export const TASK_FIELDS = Object.keys(taskFields)

/**
 * One task or step: a prompt, and how it is run. What is not said comes from the
 * flags, then from the settings. A text alone is its prompt.
 */
export const taskSchema = z.preprocess(
  (found) => (typeof found === 'string' ? {prompt: found} : found),
  z.strictObject(taskFields, 'a prompt, or fields with a prompt among them'),
)

export type TaskDescription = z.infer<typeof taskSchema>

/** Seconds, or a text such as `10m`; milliseconds when it has been read. 0 means: not set. */
export function duration() {
  return optional(
    z
      .union([z.number(), z.string()])
      .refine((given) => parseDuration(String(given)) !== undefined, DURATION)
      .transform((given) => parseDuration(String(given))!),
    [0, '0'],
  )
}

/** A count whose 0 means: not set. */
function count() {
  return optional(z.int('a whole number').min(1, 'a number from 0 on'), [0])
}

export function yesOrNo() {
  return optional(z.boolean('true or false'))
}

export function text() {
  return optional(z.string('a text'))
}

function texts() {
  return z.array(z.string('a text'), 'a list of texts')
}

function choice<const T extends readonly [string, ...string[]]>(values: T) {
  return z.enum(values, values.join(', '))
}

/** May be left out. Programs also write null, an empty text, or `nothing` for what is not there. */
export function optional<T extends z.ZodType>(type: T, nothing: readonly unknown[] = []) {
  return z.preprocess(
    (found) => (found === null || found === '' || nothing.includes(found) ? undefined : found),
    type.optional(),
  )
}
