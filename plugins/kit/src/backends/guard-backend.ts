import {resolve, sep} from 'node:path'
import type {
  Backend, BackendEvent, History, Host, Invocation, Reader, Refusal, TranscriptEntry, Verdict,
} from 'clinvk-contract' // prettier-ignore
import {contractSchema, issueIn} from 'clinvk-contract/schema'
import {Failure, messageOf} from '../errors/failure.js'
import {oneLine} from '../format/text.js'
import {withTimeout} from '../hooks/run-hook.js'
import {originHint, type Origin} from './load-backend.js'

/**
 * A backend that keeps to the contract: where a part of it throws, takes too long or gives something invalid, the
 * caller gets a Failure of kind `unavailable` that names the plugin. Verdicts are left to `validVerdict`.
 */
export function guardBackend(backend: Backend, origin: Origin): Backend {
  const parts = PARTS.flatMap((part) => {
    const method: unknown = Reflect.get(backend, part)
    if (method === undefined || method === null) return []
    return [[part, guard(part, method, backend, origin)]]
  })
  return Object.fromEntries(parts) as Backend
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

/** Throws a Failure that names the part of the backend in which it failed. */
function failIn(part: string, origin: Origin, error: unknown): never {
  const message = `The backend ${origin.name} failed in \`${part}\`: ${oneLine(messageOf(error))}`
  throw new Failure('unavailable', message, [originHint(origin)], {cause: error})
}

function guard(part: keyof Backend, method: unknown, backend: Backend, origin: Origin) {
  const fail = (error: unknown) => failIn(part, origin, error)
  if (part === 'history') return guardHistory(method as History, origin)
  const check = (answer: unknown, host?: unknown) => {
    const issue = part === 'settle' ? undefined : issueIn(SCHEMA.answers[part], answer)
    if (issue !== undefined) throw new Error(issue)
    if (part === 'reader') return guardReader(answer as Reader, origin.name)
    if (part === 'plan') checkFiles(answer as Invocation | Refusal, host as Host)
    return answer
  }
  if (typeof method !== 'function') return fail('it must be a function')
  return (...given: unknown[]): unknown => {
    try {
      const answer: unknown = method.apply(backend, given)
      if (!ASYNC_PARTS.has(part)) return check(answer, given[1])
      const late = `it is not done after ${PART_TIMEOUT_MS / 1000} s`
      return withTimeout(PART_TIMEOUT_MS, answer, late).then(check).catch(fail)
    } catch (error) {
      return fail(error)
    }
  }
}

/** The parts of `history`. Entries of a transcript that are invalid are left out. */
function guardHistory(history: History, origin: Origin): History {
  const fail = (part: keyof History, error: unknown) => failIn(`history.${part}`, origin, error)
  const issue = issueIn(SCHEMA.answers.history, history)
  if (issue !== undefined) failIn('history', origin, issue)
  const valid = <T>(part: Exclude<keyof History, 'transcript'>, answer: T): T => {
    const issue = issueIn(SCHEMA.history[part], answer)
    return issue === undefined ? answer : fail(part, issue)
  }
  const checked = <T>(part: 'renewal' | 'exportProgram' | 'importProgram', task: () => T): T => {
    let answer: T
    try {
      answer = task()
    } catch (error) {
      return fail(part, error)
    }

    return valid(part, answer)
  }
  const late = `it is not done after ${PART_TIMEOUT_MS / 1000} s`
  const awaited = async <T>(
    part: 'conversations' | 'subAgents' | 'deletedAt' | 'write' | 'copy',
    task: () => Promise<T>,
  ) => {
    const answer = await withTimeout(PART_TIMEOUT_MS, task(), late).catch((error: unknown) =>
      fail(part, error),
    )
    return valid(part, answer)
  }
  return {
    conversations: (...given) => awaited('conversations', async () => history.conversations(...given)),
    async *transcript(...given): AsyncGenerator<TranscriptEntry> {
      try {
        for await (const entry of history.transcript(...given))
          if (issueIn(SCHEMA.history.transcript, entry) === undefined) yield entry
      } catch (error) {
        fail('transcript', error)
      }
    },
    subAgents:
      history.subAgents && ((...given) => awaited('subAgents', async () => history.subAgents!(...given))),
    deletedAt:
      history.deletedAt && ((...given) => awaited('deletedAt', async () => history.deletedAt!(...given))),
    renewal: history.renewal && ((now) => checked('renewal', () => history.renewal!(now))),
    write: history.write && ((...given) => awaited('write', async () => history.write!(...given))),
    copy: history.copy && ((...given) => awaited('copy', async () => history.copy!(...given))),
    exportProgram:
      history.exportProgram && ((id) => checked('exportProgram', () => history.exportProgram!(id))),
    importProgram:
      history.importProgram && ((path) => checked('importProgram', () => history.importProgram!(path))),
  }
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
const PARTS = Object.keys(SCHEMA.answers) as (keyof Backend)[]
const ASYNC_PARTS: ReadonlySet<keyof Backend> = new Set([
  'settle',
  'tidy',
  'record',
  'isResumable',
  'move',
  'neededBy',
  'forget',
])
/** For work on the agent's files, and questions to the agent itself. */
const PART_TIMEOUT_MS = 60_000
