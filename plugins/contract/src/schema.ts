/**
 * The contract as a schema: what clinvk checks of everything that a backend gives it. contract.ts says what
 * the fields mean; the compiler holds the two together.
 */
import * as z from 'zod/mini'
import type * as contract from './contract.js'
import {descriptorSchema} from './descriptor-schema.js'
// prettier-ignore
import {
  absolutePath, argument, each, type Fields, flag, json, line, listOf, may, method, must, objectsOf, oneOf, pathLabel,
  CALL_COUNTS, recordOf, type Schema, tagged, text, textThat, TOKEN_COUNTS,
} from './values.js'

export type {Schema} from './values.js'

export type ContractSchema = ReturnType<typeof createSchema>

/**
 * `strict` is for the author's tests: it also refuses unknown fields, times that are not ISO 8601, token counts
 * that are not whole numbers and failures without a message. clinvk itself ignores unknown fields, because the
 * backend may be made for a later version.
 */
export function contractSchema({strict}: {strict: boolean}): ContractSchema {
  return (made[Number(strict)] ??= createSchema(strict))
}

/** A copy of a valid value, or its first issue as the second half of a sentence, safe to print. */
export function validate<T>(
  schema: Schema<T>,
  value: unknown,
): {readonly value: T; readonly issue?: undefined} | {readonly value?: undefined; readonly issue: string} {
  const {data, error, success} = schema.safeParse(value)
  if (success) return {value: data}
  const {message, path} = error.issues[0]!
  return {issue: path.length === 0 ? `it ${message}` : `\`${pathLabel(path)}\` ${message}`}
}

export function issueIn(schema: Schema<unknown>, value: unknown): string | undefined {
  return validate(schema, value).issue
}

/** Made once, because that takes a millisecond. */
const made: ContractSchema[] = []

function createSchema(strict: boolean) {
  const object = objectsOf({strict})
  const amount = z.number(must('a number')).check(z.nonnegative(must('0 or more')))
  const count = strict ? z.int(must('a whole number')).check(z.nonnegative(must('0 or more'))) : amount
  const time = strict
    ? textThat((value) => /^\d{4}-\d\d-\d\dT/.test(value) && isTime(value), 'a time (ISO 8601)')
    : line
  const timestamp = textThat(isTime, 'a time (ISO 8601)')
  const counts = each(TOKEN_COUNTS, may(count))
  const usage = object<contract.Usage>({
    ...counts,
    models: may(recordOf(object<Omit<contract.Usage, 'models'>>(counts), () => true, 'a model')),
  })

  const details: Fields<contract.VerdictDetails> = {
    content: may(text),
    model: may(line),
    usage: may(usage),
    cost: may(amount),
    denials: may(
      listOf(
        object<contract.Denial>({tool: strict ? line : text, target: may(text), allow: may(listOf(text))}),
      ),
    ),
    leftovers: may(listOf(absolutePath)),
  }
  const failure = <T extends contract.Verdict['outcome']>(outcome: T) =>
    object<contract.VerdictDetails & {outcome: T; message: string; resetsAt?: string}>({
      ...details,
      outcome: z.literal(outcome),
      message: strict ? text.check(z.regex(/\S/, 'must not be empty')) : text,
      resetsAt: may(time),
    })
  const verdict = tagged<contract.Verdict, 'outcome'>('outcome', {
    success: object({...details, outcome: z.literal('success')}),
    failed: failure('failed'),
    session: failure('session'),
    auth: failure('auth'),
    rate_limit: failure('rate_limit'),
    limit: failure('limit'),
  })

  const event = tagged<contract.BackendEvent, 'type'>('type', {
    session: object({
      type: z.literal('session'),
      backend_session_id: line,
      ...each(['model', 'agent_version'], may(line)),
    }),
    text: object({type: z.literal('text'), text}),
    reasoning: object({type: z.literal('reasoning'), text}),
    tool_call: object({
      type: z.literal('tool_call'),
      id: text,
      name: text,
      input: may(z.unknown()),
      target: may(text),
    }),
    tool_result: object({type: z.literal('tool_result'), id: text, output: text, is_error: flag}),
    usage: object({type: z.literal('usage'), usage}),
    retry: object({
      type: z.literal('retry'),
      attempt: amount,
      ...each(['max_attempts', 'delay_seconds', 'status'], may(amount)),
      message: text,
    }),
    rate_limit: object({type: z.literal('rate_limit'), message: text, resets_at: may(time)}),
    notice: object({type: z.literal('notice'), message: text}),
    error: object({type: z.literal('error'), message: text}),
    unparsed: object({type: z.literal('unparsed'), line: text}),
    state: object({type: z.literal('state'), state: json}),
    finished: object({type: z.literal('finished')}),
  })

  const environment = recordOf(may(argument), (name) => /^[^=\0]+$/.test(name), 'the name of a variable')
  const start = {args: listOf(argument), env: may(environment)}
  const refusal = object<contract.Refusal>({
    kind: z.literal('refusal'),
    option: line,
    reason: line,
    instead: may(line),
  })
  const invocation = object<contract.Invocation>({
    ...start,
    kind: z.literal('invocation'),
    stdin: text,
    files: may(listOf(object<{path: string; content: string}>({path: absolutePath, content: text}))),
    notices: may(listOf(text)),
  })
  const program = object<contract.Program>({...start, kind: z.literal('program', must('program'))})
  const about = object<contract.ConversationAbout>({
    cwd: may(absolutePath),
    ...each(['title', 'forkedFrom'], may(text)),
    parents: may(listOf(line)),
    ...each(['startedAt', 'updatedAt'], may(timestamp)),
    state: may(json),
  })
  const message = {id: text, at: timestamp, ...each(['model', 'subAgent'], may(text))}
  const assistant = z.literal('assistant')
  const entry = tagged<contract.TranscriptEntry, 'type'>('type', {
    about: object({type: z.literal('about'), about}),
    text: object({...message, type: z.literal('text'), role: oneOf(['user', 'assistant']), text}),
    reasoning: object({...message, type: z.literal('reasoning'), role: assistant, text}),
    tool_call: object({
      ...message,
      type: z.literal('tool_call'),
      role: assistant,
      ...each(['callId', 'name'], text),
      input: may(z.unknown()),
      target: may(text),
    }),
    tool_result: object({
      ...message,
      type: z.literal('tool_result'),
      role: z.literal('tool'),
      callId: text,
      output: text,
      isError: flag,
    }),
    call: object<contract.ModelCall>({
      ...message,
      type: z.literal('call'),
      ...each(CALL_COUNTS, may(count)),
      cost: may(amount),
    }),
    end: object({type: z.literal('end'), at: timestamp}),
  })
  const newRecord = object<contract.NewRecord>({
    id: line,
    path: may(absolutePath),
    lines: z.custom<contract.NewRecord['lines']>(isIterable, must('an iterable of lines')),
    state: may(json),
  })
  const turn = {startedAt: timestamp, endedAt: timestamp, model: may(line), usage: may(usage)}
  return {
    /** The key `clinvk` of a package.json. What passes is safe to print, to complete and to use. */
    contribution: object<contract.Contribution>({
      contract: z.literal(1, must('1')),
      backends: recordOf(
        descriptorSchema(object),
        // Every object has a `constructor`.
        (name) => /^[a-z][a-z0-9-]{0,63}$/.test(name) && name !== 'constructor',
        'a name for a backend (lower-case letters, digits, dashes)',
      ),
    }),
    event,
    verdict,
    /** What each part of a backend gives, promises resolved. */
    answers: {
      plan: tagged<contract.Invocation | contract.Refusal, 'kind'>('kind', {invocation, refusal}),
      reader: objectsOf({strict: false})<contract.Reader>({
        line: method,
        end: method,
        errorLine: may(method),
      }),
      settle: verdict,
      stopSignal: oneOf(['SIGINT', 'SIGTERM']),
      interactive: tagged<contract.Program | contract.Refusal, 'kind'>('kind', {program, refusal}),
      tidy: z.unknown(),
      history: objectsOf({strict: false})<contract.History>({
        ...each(['conversations', 'transcript'], method),
        ...each(['subAgents', 'deletedAt', 'renewal', 'write', 'copy'], may(method)),
        ...each(['exportProgram', 'importProgram'], may(method)),
      }),
      record: z.nullish(
        object<contract.ConversationRecord>({
          turns: listOf(object<contract.RecordedTurn>(turn)),
          state: may(json),
        }),
      ),
      isResumable: flag,
      move: flag,
      neededBy: listOf(line),
      forget: object<contract.Forgotten>({removed: listOf(text), stays: may(line)}),
      deleteCommand: program,
      probe: listOf(
        tagged<contract.Question, 'kind'>('kind', {
          files: object({kind: z.literal('files'), read: method}),
          program: object({...start, kind: z.literal('program'), read: method}),
        }),
      ),
    },
    /** What the parts of `history` give; `transcript`: each entry. */
    history: {
      conversations: listOf(
        object<contract.RecordedConversation>({
          id: line,
          paths: listOf(absolutePath),
          version: may(text),
          about: may(about),
        }),
      ),
      transcript: entry,
      subAgents: listOf(absolutePath),
      deletedAt: may(timestamp),
      renewal: text,
      write: newRecord,
      copy: newRecord,
      exportProgram: object<Omit<contract.Program, 'kind'>>(start),
      importProgram: object<Omit<contract.Program, 'kind'>>(start),
    },
    /** What `read` of a question gives. */
    findings: object<contract.Findings>({
      ...each(['version', 'account', 'detail'], may(line)),
      signedIn: may(z.literal([true, false, 'unknown'], must('true, false or "unknown"'))),
    }),
  }
}

function isTime(value: string): boolean {
  return !Number.isNaN(Date.parse(value))
}

function isIterable(value: unknown): boolean {
  return (
    typeof value === 'object' && value !== null && (Symbol.iterator in value || Symbol.asyncIterator in value)
  )
}
