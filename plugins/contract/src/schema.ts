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
  CALL_COUNTS, recordOf, type Schema, taggedOf, text, textThat, TOKEN_COUNTS,
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
  const tagged = taggedOf(object)
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
  const message = strict ? text.check(z.regex(/\S/, 'must not be empty')) : text
  const failure = {...details, message, resetsAt: may(time)}
  const verdict = tagged<contract.Verdict, 'outcome'>('outcome', {
    success: details,
    failed: failure,
    session: failure,
    auth: failure,
    rate_limit: failure,
    limit: failure,
  })

  const anything = may(z.unknown())
  const event = tagged<contract.BackendEvent, 'type'>('type', {
    session: {backend_session_id: line, ...each(['model', 'agent_version'], may(line))},
    text: {text},
    reasoning: {text},
    tool_call: {id: text, name: text, input: anything, target: may(text)},
    tool_result: {id: text, output: text, is_error: flag},
    usage: {usage},
    retry: {
      attempt: amount,
      ...each(['max_attempts', 'delay_seconds', 'status'], may(amount)),
      message: text,
    },
    rate_limit: {message: text, resets_at: may(time)},
    notice: {message: text},
    error: {message: text},
    unparsed: {line: text},
    state: {state: json},
    finished: {},
  })

  const environment = recordOf(may(argument), (name) => /^[^=\0]+$/.test(name), 'the name of a variable')
  const start = {args: listOf(argument), env: may(environment)}
  const refusal = {option: line, reason: line, instead: may(line)}
  const invocation = {
    ...start,
    stdin: text,
    files: may(listOf(object<{path: string; content: string}>({path: absolutePath, content: text}))),
    notices: may(listOf(text)),
  }
  const about = object<contract.ConversationAbout>({
    cwd: may(absolutePath),
    ...each(['title', 'forkedFrom'], may(text)),
    parents: may(listOf(line)),
    ...each(['startedAt', 'updatedAt'], may(timestamp)),
    state: may(json),
  })
  const said = {id: text, at: timestamp, ...each(['model', 'subAgent'], may(text))}
  const assistant = {...said, role: z.literal('assistant')}
  const entry = tagged<contract.TranscriptEntry, 'type'>('type', {
    about: {about},
    text: {...said, role: oneOf(['user', 'assistant']), text},
    reasoning: {...assistant, text},
    tool_call: {...assistant, ...each(['callId', 'name'], text), input: anything, target: may(text)},
    tool_result: {...said, role: z.literal('tool'), callId: text, output: text, isError: flag},
    call: {...said, ...each(CALL_COUNTS, may(count)), cost: may(amount)},
    end: {at: timestamp},
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
      interactive: tagged<contract.Program | contract.Refusal, 'kind'>('kind', {program: start, refusal}),
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
      deleteCommand: object<contract.Program>({...start, kind: z.literal('program', must('program'))}),
      probe: listOf(
        tagged<contract.Question, 'kind'>('kind', {
          files: {read: method},
          program: {...start, read: method},
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
