import {parseDuration} from 'clinvk-kit/format/time'
import {type OptionValue, TURN_OPTIONS, type TurnOption} from 'clinvk-kit/turn/request'
import * as z from 'zod'

const DURATION = 'a number of seconds, or a text such as 90s, 10m, 1h30m'

const taskFields = {
  prompt: z.string('a text').regex(/\S/, 'a text that is not empty'),
  ...optionFields(),
  ephemeral: yesOrNo(),
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

/** The options of a turn; `workdir` is relative to `--workdir`, else to the current directory. */
function optionFields(): FieldsFor<typeof TURN_OPTIONS> {
  const fields = Object.values<TurnOption>(TURN_OPTIONS).map((option) => [option.field, fieldFor(option)])
  return Object.fromEntries(fields) as FieldsFor<typeof TURN_OPTIONS>
}

type FieldsFor<Options extends Readonly<Record<string, TurnOption>>> = {
  [Name in keyof Options as Options[Name]['field']]: z.ZodOptional<z.ZodType<OptionValue<Options[Name]>>>
}

function fieldFor({kind, values = []}: TurnOption): z.ZodType {
  switch (kind) {
    case 'choice':
      return optional(z.enum(values, values.join(', ')))
    case 'count':
      return count()
    case 'duration':
      return duration()
    case 'list':
      return optional(texts())
    case 'switch':
      return yesOrNo()
    case 'text':
      return text()
  }
}

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

/** May be left out. Programs also write null, an empty text, or `nothing` for what is not there. */
export function optional<T extends z.ZodType>(type: T, nothing: readonly unknown[] = []) {
  return z.preprocess(
    (found) => (found === null || found === '' || nothing.includes(found) ? undefined : found),
    type.optional(),
  )
}
