import {resolve, sep} from 'node:path'
import type {
  Backend, BackendEvent, History, Host, Invocation, Reader, Refusal, Verdict,
} from 'clinvk-contract' // prettier-ignore
import {contractSchema, issueIn, type Schema} from 'clinvk-contract/schema'
import {Failure, messageOf} from '../errors/failure.js'
import {oneLine} from '../format/text.js'
import {withTimeout} from '../hooks/run-hook.js'
import {originHint, type Origin} from './load-backend.js'

/**
 * A backend that keeps to the contract: where a part of it throws, takes too long or gives something invalid, the
 * caller gets a Failure of kind `unavailable` that names the plugin. Verdicts are left to `validVerdict`.
 */
export function guardBackend(backend: Backend, origin: Origin): Backend {
  const {history: historySchema, ...schemas} = SCHEMA.answers
  const guarded = guardParts(backend, '', schemas, origin)
  const history: unknown = backend.history
  if (history === undefined || history === null) return guarded
  const issue = issueIn(historySchema, history)
  if (issue !== undefined) failIn('history', origin, issue)
  return {...guarded, history: guardParts(history as History, 'history.', SCHEMA.history, origin)}
}

/**
 * A valid verdict of whatever a backend gave as one. Invalid details are left out and named by `onIssue`; undefined
 * where even the outcome is invalid.
 */
export function validVerdict(
  verdict: unknown,
  onIssue: (details: readonly string[]) => void,
): Verdict | undefined {
  const {error} = SCHEMA.verdict.safeParse(verdict)
  if (!error) return verdict as Verdict
  const invalid = new Set(error.issues.map(({path}) => path[0]))
  if (invalid.has(undefined) || invalid.has('outcome') || invalid.has('message')) return undefined
  onIssue([...invalid] as string[])
  const valid = Object.entries(verdict as Verdict).filter(([detail]) => !invalid.has(detail))
  return Object.fromEntries(valid) as unknown as Verdict
}

/** The parts that there are, each with the check of what it gives. */
function guardParts<Parts extends object>(
  parts: Parts,
  prefix: '' | 'history.',
  schemas: Readonly<Record<string, Schema<unknown>>>,
  origin: Origin,
): Parts {
  const guarded = Object.entries(schemas).flatMap(([name, schema]) => {
    const part = `${prefix}${name}`
    const method: unknown = Reflect.get(parts, name)
    if (method === undefined || method === null) return []
    if (typeof method !== 'function') return failIn(part, origin, 'it must be a function')
    const call = (...given: unknown[]): unknown => method.apply(parts, given)
    const guard =
      part === 'history.transcript' ? guardTranscript(call, origin) : guardPart(part, call, schema, origin)
    return [[name, guard]]
  })
  return Object.fromEntries(guarded) as Parts
}

type Method = (...given: unknown[]) => unknown

function guardPart(part: string, method: Method, schema: Schema<unknown>, origin: Origin): Method {
  const fail = (error: unknown) => failIn(part, origin, error)
  const check = (answer: unknown, host?: unknown) => {
    const issue = part === 'settle' ? undefined : issueIn(schema, answer)
    if (issue !== undefined) throw new Error(issue)
    if (part === 'reader') return guardReader(answer as Reader, origin.name)
    if (part === 'plan') checkFiles(answer as Invocation | Refusal, host as Host)
    return answer
  }
  if (ASYNC_PARTS.has(part)) {
    return (...given) => {
      const answer = new Promise((resolve) => resolve(method(...given)))
      return withTimeout(PART_TIMEOUT_MS, answer).then(check).catch(fail)
    }
  }
  return (...given) => {
    try {
      return check(method(...given), given[1])
    } catch (error) {
      return fail(error)
    }
  }
}

/** Entries that are invalid are left out. */
function guardTranscript(read: Method, origin: Origin): Method {
  return async function* (...given) {
    try {
      for await (const entry of read(...given) as AsyncIterable<unknown>)
        if (issueIn(SCHEMA.history.transcript, entry) === undefined) yield entry
    } catch (error) {
      failIn('history.transcript', origin, error)
    }
  }
}

/** Throws a Failure that names the part of the backend in which it failed. */
function failIn(part: string, origin: Origin, error: unknown): never {
  const message = `The backend ${origin.name} failed in \`${part}\`: ${oneLine(messageOf(error))}`
  throw new Failure('unavailable', message, [originHint(origin)], {cause: error})
}

/** The directory of the files is removed after the turn, with all that is in it. */
function checkFiles(plan: Invocation | Refusal, {scratch}: Host): void {
  if (plan.kind === 'refusal') return
  const outside = plan.files?.find(({path}) => !resolve(path).startsWith(scratch + sep))
  if (outside) throw new Error('`files` must be in `host.scratch`')
}

/**
 * A reader that never throws and gives only valid events. A line that it fails on is kept as `unparsed`; the user is
 * told only once, because it may fail on every line.
 */
function guardReader(reader: Reader, name: string): Reader {
  let isTold = false
  const unread = (line: string, issue: string): BackendEvent[] => {
    const message = `The backend ${name} failed on a line of its agent: ${issue}`
    const notice: BackendEvent[] = isTold ? [] : [{type: 'notice', message}]
    isTold = true
    return [...notice, {type: 'unparsed', line}]
  }

  const read = (line: string, events: () => readonly BackendEvent[]): readonly BackendEvent[] => {
    try {
      const given = events() as readonly unknown[]
      if (!Array.isArray(given)) return unread(line, 'it must be a list of events')
      if (given.every(isValid)) return given
      const invalid: unknown = given.find((event) => !isValid(event))
      return [...given.filter(isValid), ...unread(line, issueIn(SCHEMA.event, invalid)!)]
    } catch (error) {
      return unread(line, oneLine(messageOf(error)))
    }
  }

  return {
    line: (line) => read(line, () => reader.line(line)),
    errorLine: reader.errorLine && ((line) => read(line, () => reader.errorLine!(line))),
    end(exit) {
      try {
        return reader.end(exit)
      } catch (error) {
        const message = `The backend ${name} failed at the end of the turn: ${oneLine(messageOf(error))}`
        return {outcome: 'failed', message}
      }
    },
  }
}

/** Most events are text: checked by hand, a stream costs less time. */
function isValid(event: unknown): event is BackendEvent {
  const {text, type} = (event ?? {}) as Record<string, unknown>
  return (type === 'text' && typeof text === 'string') || issueIn(SCHEMA.event, event) === undefined
}

const SCHEMA = contractSchema({strict: false})
const ASYNC_PARTS: ReadonlySet<string> = new Set([
  ...['settle', 'tidy', 'record', 'isResumable', 'move', 'neededBy', 'forget'],
  ...['conversations', 'subAgents', 'deletedAt', 'write', 'copy'].map((part) => `history.${part}`),
])
/** For work on the agent's files, and questions to the agent itself. */
const PART_TIMEOUT_MS = 60_000
