import {join, resolve, sep} from 'node:path'
import {pathToFileURL} from 'node:url'
import type {
  Backend,
  BackendEvent,
  Descriptor,
  Host,
  Invocation,
  Reader,
  Refusal,
  Verdict,
} from 'clinvk-contract'
import {contractSchema, issueIn} from 'clinvk-contract/schema'
import {Failure, messageOf} from '../errors/failure.js'
import {oneLine} from '../format/text.js'
import {withTimeout} from '../hooks/run-hook.js'
import {textBackend} from './text-agent.js'

/** Where a backend comes from. */
export interface Origin {
  readonly name: string
  /** The package that brought it. */
  readonly plugin: string
  readonly pluginVersion: string
  /** Absolute directory of the package. */
  readonly root: string
  /** The user works on it: it is used as it is in that directory. */
  readonly isLinked?: boolean
}

/** A hint for the user whose backend is broken: which package it comes from, and what to do about it. */
export function originHint({isLinked, plugin, pluginVersion, root}: Origin): string {
  return isLinked
    ? `It comes from ${plugin}, linked from ${root}: build or repair it there.`
    : `It comes from ${plugin} ${pluginVersion}. Try: clinvk plugins update`
}

/** A guarded backend. Throws a Failure of kind `unavailable` when it is broken. */
export async function loadBackend(origin: Origin, descriptor: Descriptor): Promise<Backend> {
  return guardBackend(await importBackend(origin, descriptor), origin)
}

/** A backend as it is: made of its command, or what its module exports. Throws the same. */
export async function importBackend(origin: Origin, {command, module, title}: Descriptor): Promise<Backend> {
  if (command) return textBackend(title, command)
  const path = join(origin.root, module!)
  const broken = (problem: string, cause?: unknown) =>
    new Failure(
      'unavailable',
      `The backend ${origin.name} ${problem}`,
      [originHint(origin), 'See: clinvk doctor'],
      {
        cause,
      },
    )
  let backend: Partial<Backend> | null | undefined
  try {
    const load = () => import(pathToFileURL(path).href) as Promise<{default?: Partial<Backend> | null}>
    const late = `it is not done after ${LOADING_TIMEOUT_MS / 1000} s`
    backend = (await withoutExit(() => withTimeout(LOADING_TIMEOUT_MS, load(), late))).default
  } catch (error) {
    throw broken(`does not load: ${oneLine(messageOf(error))}`, error)
  }

  if (typeof backend?.plan === 'function' && typeof backend.reader === 'function') return backend as Backend
  throw broken(`is broken: the default export of ${path} has no \`plan\` and \`reader\`.`)
}

/** A module that calls `process.exit` while it is imported would end clinvk without a message. */
async function withoutExit<T>(task: () => Promise<T>): Promise<T> {
  const exit = Reflect.get(process, 'exit')
  let isOver = false
  const refuse = (code?: number) => {
    // Another backend that was loaded at the same time may have put this one back.
    if (isOver) return exit(code)
    throw new Error('it calls process.exit')
  }

  process.exit = refuse
  try {
    return await task()
  } finally {
    isOver = true
    if (process.exit === refuse) process.exit = exit
  }
}

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

function guard(part: keyof Backend, method: unknown, backend: Backend, origin: Origin) {
  const fail = (error: unknown): never => {
    const message = `The backend ${origin.name} failed in \`${part}\`: ${oneLine(messageOf(error))}`
    throw new Failure('unavailable', message, [originHint(origin)], {cause: error})
  }
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
const ASYNC_PARTS: ReadonlySet<keyof Backend> = new Set(['settle', 'tidy', 'record', 'forget'])
/** For work on the agent's files, and questions to the agent itself. */
const PART_TIMEOUT_MS = 60_000
const LOADING_TIMEOUT_MS = 10_000
