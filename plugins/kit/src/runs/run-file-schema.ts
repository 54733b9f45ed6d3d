import {parseDuration} from '../format/time.js'
import {type OptionValue, TURN_OPTIONS, type TurnOption} from '../turn/request.js'
import * as z from 'zod'
import {linksOf, namesOf, taskNamed} from './placeholders.js'
import type {RunDescription} from './store/run-folder.js'

const yesOrNo = optional(z.boolean('true or false'))
const text = optional(z.string('a text'))
const texts = listOf(z.string('a text'), 'a list of texts')
/** An empty one would be that of the run file, which is not always meant. */
const DIRECTORY = 'a directory that is not empty'
const taskFields = {
  prompt: z.string('a text').regex(/\S/, 'a text that is not empty'),
  ...optionFields(),
  workdir: z.preprocess((found) => found ?? undefined, z.string(DIRECTORY).regex(/\S/, DIRECTORY).optional()),
  ephemeral: yesOrNo,
  worktree: yesOrNo,
  /** Accepted without effect: the flags set the format of results. */
  output_format: text,
  id: text,
  name: text,
  /** Names, ids or numbers of the tasks that must have ended before. */
  needs: listOf(z.union([z.string(), z.int()], 'a name').transform(String), 'a list of names'),
  /** How those tasks must have ended. */
  when: optional(z.enum(['success', 'failure', 'always'], 'success, failure, always')),
  tags: texts,
  meta: optional(
    z.record(
      z.string(),
      z.union([z.string(), z.number(), z.boolean()], 'a text').transform(String),
      'names with texts',
    ),
  ),
}

const {dry_run, max_cost, max_tokens, max_turns, timeout, worktree} = taskFields
const sharedFields = {
  dry_run,
  max_turns,
  timeout,
  /** What all tasks together may use. */
  max_tokens,
  max_cost,
}

export const TASK_FIELDS = Object.keys(taskFields)

/** One task or step; a text alone is its prompt. What it does not say comes from the flags, then from the settings. */
const taskSchema = z.preprocess(
  (found) => (typeof found === 'string' ? {prompt: found} : found),
  z.strictObject(taskFields, 'a prompt, or fields with a prompt among them'),
)

/** One prompt with the options of a turn, under the names that they have in a task. */
export const promptSchema = z.strictObject({
  prompt: taskFields.prompt,
  ...optionFields(),
  workdir: taskFields.workdir,
})

export type TaskDescription = z.infer<typeof taskSchema>

export const parallelSchema = z
  .strictObject(
    {
      tasks: z.array(taskSchema, 'a list of tasks').min(1, 'at least one task'),
      max_parallel: optional(z.int('a whole number').min(1, 'a number from 0 on'), [0]),
      fail_fast: yesOrNo,
      output_dir: text,
      worktree,
      ...sharedFields,
    },
    'a list of tasks, or fields with one',
  )
  .superRefine(({tasks}, context) => checkTasks('task', tasks, context))

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
  .superRefine(({steps}, context) => checkTasks('step', steps, context))

/** What `parallel` and `chain` read, and the field that holds the tasks. */
export const RUN_FILES: Readonly<
  Record<RunDescription['command'], {readonly list: 'tasks' | 'steps'; readonly schema: z.ZodObject}>
> = {
  parallel: {list: 'tasks', schema: parallelSchema},
  chain: {list: 'steps', schema: chainSchema},
}

/** What a type alone does not say: names of tasks, circles, placeholders. */
function checkTasks(
  kind: 'task' | 'step',
  tasks: readonly TaskDescription[],
  context: z.core.$RefinementCtx,
): void {
  const names = namesOf(tasks)
  for (const [index, {before, parts}] of linksOf(tasks, kind).entries()) {
    const task = tasks[index]!
    const report = (field: string, message: string) => {
      const path = [`${kind}s`, index, field]
      context.addIssue({code: 'custom', path, message, params: {isSentence: true}})
    }
    if (kind === 'step' && task.worktree)
      report('worktree', 'the steps of a chain run in one directory. In worktrees: clinvk parallel.')
    if (kind === 'step' && (task.needs || task.when))
      report(
        task.needs ? 'needs' : 'when',
        'the steps of a chain follow each other. For other orders: clinvk parallel.',
      )
    for (const word of kind === 'step' ? [] : (task.needs ?? [])) {
      const found = taskNamed(word, names)
      const why = found === 'several' ? 'several tasks have that name' : 'no task has that name'
      if (typeof found !== 'number') report('needs', `needs ${word}, but ${why}.`)
    }
    if (before.has(index)) report('needs', 'it would wait for itself: its needs form a circle.')
    for (const part of parts) {
      if (typeof part !== 'string' && 'problem' in part)
        report('prompt', `${part.text} is not valid: ${part.problem}.`)
    }
  }
}

function optionFields(): FieldsFor<typeof TURN_OPTIONS> {
  const fields = Object.values<TurnOption>(TURN_OPTIONS).map((option) => [option.field, fieldFor(option)])
  return Object.fromEntries(fields) as FieldsFor<typeof TURN_OPTIONS>
}

type FieldsFor<Options extends Readonly<Record<string, TurnOption>>> = {
  [Name in keyof Options as Options[Name]['field']]: z.ZodOptional<z.ZodType<OptionValue<Options[Name]>>>
}

function fieldFor({kind, values = []}: TurnOption): z.ZodType {
  switch (kind) {
    case 'amount':
      return optional(z.number('a number of US dollars').positive('a number above 0'), [0])
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
    case 'schema':
      return optional(z.union([z.string(), z.record(z.string(), z.json())], 'a path, or a JSON Schema'))
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

/** One item alone is a list of one, as in the settings. */
function listOf<T extends z.ZodType>(item: T, expected: string) {
  const alone = (found: unknown) => (typeof found === 'object' ? found : [found])
  return optional(z.preprocess(alone, z.array(item, expected)))
}

/** May be left out. Programs also write null, an empty text, or one of `nothing` for what is not there. */
function optional<T extends z.ZodType>(type: T, nothing: readonly unknown[] = []) {
  return z.preprocess(
    (found) => (found === null || found === '' || nothing.includes(found) ? undefined : found),
    type.optional(),
  )
}
