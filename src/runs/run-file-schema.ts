import {parseDuration} from 'clinvk-kit/format/time'
import {type OptionValue, TURN_OPTIONS, type TurnOption} from 'clinvk-kit/turn/request'
import * as z from 'zod'
import {partsOf} from './placeholders.js'

const yesOrNo = optional(z.boolean('true or false'))
const text = optional(z.string('a text'))
/** One text alone is a list of one, as in the settings. */
const texts = optional(
  z.preprocess(
    (found) => (typeof found === 'string' ? [found] : found),
    z.array(z.string('a text'), 'a list of texts'),
  ),
)
/** An empty one would be that of the run file, which is not always meant. */
const DIRECTORY = 'a directory that is not empty'
const taskFields = {
  prompt: z.string('a text').regex(/\S/, 'a text that is not empty'),
  ...optionFields(),
  workdir: z.preprocess((found) => found ?? undefined, z.string(DIRECTORY).regex(/\S/, DIRECTORY).optional()),
  ephemeral: yesOrNo,
  /** Accepted without effect: the flags set the format of results. */
  output_format: text,
  id: text,
  name: text,
  tags: texts,
  meta: optional(
    z.record(
      z.string(),
      z.union([z.string(), z.number(), z.boolean()], 'a text').transform(String),
      'names with texts',
    ),
  ),
}

/** Beside the tasks, for those that say nothing else. */
const {dry_run, max_tokens, max_turns, timeout} = taskFields
const sharedFields = {dry_run, max_tokens, max_turns, timeout}

export const TASK_FIELDS = Object.keys(taskFields)

/** One task or step; a text alone is its prompt. What it does not say comes from the flags, then from the settings. */
const taskSchema = z.preprocess(
  (found) => (typeof found === 'string' ? {prompt: found} : found),
  z.strictObject(taskFields, 'a prompt, or fields with a prompt among them'),
)

export type TaskDescription = z.infer<typeof taskSchema>

export const parallelSchema = z.strictObject(
  {
    tasks: z.array(taskSchema, 'a list of tasks').min(1, 'at least one task'),
    max_parallel: optional(z.int('a whole number').min(1, 'a number from 0 on'), [0]),
    fail_fast: yesOrNo,
    output_dir: text,
    ...sharedFields,
  },
  'a list of tasks, or fields with one',
)

export const chainSchema = z
  .strictObject(
    {
      steps: z.array(taskSchema, 'a list of steps').min(1, 'at least one step'),
      stop_on_failure: yesOrNo,
      pass_working_dir: yesOrNo,
      /** Each step continues the conversation of the one before, also where that has another backend. */
      pass_session: yesOrNo,
      pass_session_id: yesOrNo,
      /** Another name of `pass_session_id`. */
      persist_sessions: yesOrNo,
      ...sharedFields,
    },
    'a list of steps, or fields with one',
  )
  .superRefine(({steps}, context) => {
    const names = steps.map(({id, name}) => name ?? id)
    for (const [index, {prompt}] of steps.entries()) {
      for (const part of partsOf(prompt, index, names)) {
        if (typeof part === 'string' || 'step' in part) continue
        const message = `${part.text} is not valid: ${part.problem}.`
        const path = ['steps', index, 'prompt']
        context.addIssue({code: 'custom', path, message, params: {isSentence: true}})
      }
    }
  })

/** The options of a turn. */
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
      return optional(z.int('a whole number').min(1, 'a number from 0 on'), [0])
    case 'duration':
      return duration()
    case 'list':
      return texts
    case 'switch':
      return yesOrNo
    case 'text':
      return text
  }
}

/** Seconds, or a text such as `10m`; milliseconds when it has been read. 0 means: not set. */
function duration() {
  const expected = 'a number of seconds, or a text such as 90s, 10m, 1h30m'
  const given = z
    .union([z.number(), z.string()])
    .refine((value) => parseDuration(String(value)) !== undefined, expected)
  return optional(
    given.transform((value) => parseDuration(String(value))!),
    [0, '0'],
  )
}

/** May be left out. Programs also write null, an empty text, or one of `nothing` for what is not there. */
function optional<T extends z.ZodType>(type: T, nothing: readonly unknown[] = []) {
  return z.preprocess(
    (found) => (found === null || found === '' || nothing.includes(found) ? undefined : found),
    type.optional(),
  )
}
