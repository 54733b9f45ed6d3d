/**
 * The contract as a schema: what clinvk checks of everything that a backend gives it.
 * contract.ts says what the fields mean; the compiler holds the two together.
 */
import * as z from 'zod/mini'
import type {
  BackendEvent,
  ConversationRecord,
  Denial,
  Findings,
  Forgotten,
  Invocation,
  Program,
  Question,
  Reader,
  RecordedTurn,
  Refusal,
  Usage,
  Verdict,
  VerdictDetails,
} from './contract.js'
import {contributionSchema} from './descriptor-schema.js'
import {
  absolutePath,
  argument,
  type Fields,
  flag,
  json,
  line,
  listOf,
  must,
  objectsOf,
  oneOf,
  recordOf,
  tagged,
  text,
} from './values.js'

export {capabilitiesOfCommand} from './text-command-schema.js'
export {isLine, issueIn, validate} from './values.js'

export type ContractSchema = ReturnType<typeof createSchema>

/**
 * `strict` is for the author's tests: it also refuses unknown fields, times that are not ISO 8601, token
 * counts that are not whole numbers and failures without a message. clinvk itself ignores unknown fields,
 * because the backend may be made for a later version.
 */
export function contractSchema({strict}: {strict: boolean}): ContractSchema {
  const made = MADE.get(strict) ?? createSchema({strict})
  MADE.set(strict, made)
  return made
}

/** Each is made once, because that takes a millisecond. */
const MADE = new Map<boolean, ContractSchema>()

function createSchema({strict}: {strict: boolean}) {
  const object = objectsOf({strict})
  const time = strict ? isoTime : line
  const amount = z.number(must('a number')).check(z.nonnegative(must('0 or more')))
  const count = strict ? z.int(must('a whole number')).check(z.nonnegative(must('0 or more'))) : amount

  const counts = {
    input_tokens: z.optional(count),
    output_tokens: z.optional(count),
    cached_tokens: z.optional(count),
    reasoning_tokens: z.optional(count),
    total_tokens: z.optional(count),
  }
  const usage = object<Usage>({
    ...counts,
    models: z.optional(
      recordOf(object<Omit<Usage, 'models'>>({...counts}), {isName: () => true, is: 'a model'}),
    ),
  })
  const denial = object<Denial>({
    tool: strict ? line : text,
    target: z.optional(text),
    allow: z.optional(listOf(text)),
  })

  const details: Fields<VerdictDetails> = {
    content: z.optional(text),
    model: z.optional(line),
    usage: z.optional(usage),
    denials: z.optional(listOf(denial)),
    leftovers: z.optional(listOf(absolutePath)),
  }
  const failure = {
    message: strict ? text.check(z.regex(/\S/, 'must not be empty')) : text,
    resetsAt: z.optional(time),
  }
  const verdict = tagged<Verdict, 'outcome'>('outcome', {
    success: object({...details, outcome: z.literal('success')}),
    failed: object({...details, ...failure, outcome: z.literal('failed')}),
    session: object({...details, ...failure, outcome: z.literal('session')}),
    auth: object({...details, ...failure, outcome: z.literal('auth')}),
    rate_limit: object({...details, ...failure, outcome: z.literal('rate_limit')}),
    limit: object({...details, ...failure, outcome: z.literal('limit')}),
  })

  const event = tagged<BackendEvent, 'type'>('type', {
    session: object({
      type: z.literal('session'),
      backend_session_id: line,
      model: z.optional(line),
      agent_version: z.optional(line),
    }),
    text: object({type: z.literal('text'), text}),
    reasoning: object({type: z.literal('reasoning'), text}),
    tool_call: object({
      type: z.literal('tool_call'),
      id: text,
      name: text,
      input: z.optional(z.unknown()),
      target: z.optional(text),
    }),
    tool_result: object({type: z.literal('tool_result'), id: text, output: text, is_error: flag}),
    usage: object({type: z.literal('usage'), usage}),
    retry: object({
      type: z.literal('retry'),
      attempt: amount,
      max_attempts: z.optional(amount),
      delay_seconds: z.optional(amount),
      status: z.optional(amount),
      message: text,
    }),
    rate_limit: object({type: z.literal('rate_limit'), message: text, resets_at: z.optional(time)}),
    notice: object({type: z.literal('notice'), message: text}),
    error: object({type: z.literal('error'), message: text}),
    unparsed: object({type: z.literal('unparsed'), line: text}),
    state: object({type: z.literal('state'), state: json}),
    finished: object({type: z.literal('finished')}),
  })

  const start = {args: listOf(argument), env: z.optional(environment)}
  const refusal = object<Refusal>({
    kind: z.literal('refusal'),
    option: line,
    reason: line,
    instead: z.optional(line),
  })
  const invocation = object<Invocation>({
    ...start,
    kind: z.literal('invocation'),
    stdin: text,
    files: z.optional(listOf(object<{path: string; content: string}>({path: absolutePath, content: text}))),
    notices: z.optional(listOf(text)),
  })
  const program = object<Program>({...start, kind: z.literal('program', must('program'))})
  return {
    contribution: contributionSchema({strict}),
    /** What a reader gives for a line, one by one. */
    event,
    /** What a reader gives at the end. */
    verdict,
    /** What each part of a backend gives, promises resolved. */
    answers: {
      plan: tagged<Invocation | Refusal, 'kind'>('kind', {invocation, refusal}),
      reader: z.looseObject(
        {line: method, end: method, errorLine: z.optional(method)},
        must('an object'),
      ) as unknown as z.ZodMiniType<Reader>,
      settle: verdict,
      stopSignal: oneOf(['SIGINT', 'SIGTERM']),
      interactive: tagged<Program | Refusal, 'kind'>('kind', {program, refusal}),
      tidy: z.unknown(),
      record: z.nullish(
        object<ConversationRecord>({
          turns: listOf(
            object<RecordedTurn>({
              startedAt: moment,
              endedAt: moment,
              model: z.optional(line),
              usage: z.optional(usage),
            }),
          ),
          state: z.optional(json),
        }),
      ),
      forget: object<Forgotten>({removed: listOf(text), stays: z.optional(line)}),
      deleteCommand: program,
      probe: listOf(
        tagged<Question, 'kind'>('kind', {
          files: object({kind: z.literal('files'), read: method}),
          program: object({...start, kind: z.literal('program'), read: method}),
        }),
      ),
    },
    /** What `read` of a question gives. */
    findings: object<Findings>({
      version: z.optional(line),
      signedIn: z.optional(z.literal([true, false, 'unknown'], must('true, false or "unknown"'))),
      account: z.optional(line),
      detail: z.optional(line),
    }),
  }
}

const method = z.custom<never>((value) => typeof value === 'function', must('a function'))
const moment = z.custom<string>(
  (value) => typeof value === 'string' && !Number.isNaN(Date.parse(value)),
  must('a time (ISO 8601)'),
)
const isoTime = z.custom<string>(
  (value) => typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value) && !Number.isNaN(Date.parse(value)),
  must('a time (ISO 8601)'),
)
const environment = recordOf(z.optional(argument), {
  isName: (name) => /^[^=\0]+$/.test(name),
  is: 'the name of a variable',
})
