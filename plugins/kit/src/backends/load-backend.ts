import {join, sep, resolve} from 'node:path'
import {pathToFileURL} from 'node:url'
import type {
  Backend,
  Descriptor,
  AgentExit,
  BackendEvent,
  Invocation,
  Reader,
  Refusal,
  Verdict,
} from 'clinvk-contract'
import {Failure, messageOf} from '../errors/failure.js'
import {contractSchema, issueIn} from 'clinvk-contract/schema'
import {oneLine} from '../format/text.js'
import {withTimeout} from '../hooks/run-hook.js'

/** A guarded backend. Throws a Failure of kind `unavailable` when it is broken. */
export async function loadBackend(origin: Origin, descriptor: Descriptor): Promise<Backend> {
  return guardBackend(await importBackend(origin, descriptor), origin)
}

/** A backend as it is: made of its command, or what its module exports. Throws the same. */
export async function importBackend(origin: Origin, {command, module, title}: Descriptor): Promise<Backend> {
  if (command) {
    const {textBackend} = await import('./text-agent.js')
    return textBackend(title, command)
  }

  const {name, root} = origin
  const path = join(root, module!)
  const hints = [originHint(origin), 'See: clinvk doctor']
  let backend: Partial<Backend> | null | undefined
  try {
    const load = () =>
      withTimeout(
        LOADING_TIMEOUT_MS,
        import(pathToFileURL(path).href) as Promise<{default?: Partial<Backend> | null}>,
        `it is not done after ${LOADING_TIMEOUT_MS / 1000} s`,
      )
    backend = (await withoutExit(load)).default
  } catch (error) {
    const message = `The backend ${name} does not load: ${oneLine(messageOf(error))}`
    throw new Failure('unavailable', message, hints, {cause: error})
  }

  if (typeof backend?.plan === 'function' && typeof backend.reader === 'function') return backend as Backend
  throw new Failure(
    'unavailable',
    `The backend ${name} is broken: the default export of ${path} has no \`plan\` and \`reader\`.`,
    hints,
  )
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

const LOADING_TIMEOUT_MS = 10_000

/** Where a backend comes from. */
export interface Origin {
  readonly name: string
  /** The package that brought it. */
  readonly plugin: string
  readonly pluginVersion: string
  /** Absolute directory of the package. */
  readonly root: string
  /** The user works on it: it is used as it stands in that directory. */
  readonly isLinked?: boolean
}

/** A hint for the user whose backend is broken: which package it comes from, and what to do about it. */
export function originHint({isLinked, plugin, pluginVersion, root}: Origin): string {
  return isLinked
    ? `It comes from ${plugin}, linked from ${root}: build or repair it there.`
    : `It comes from ${plugin} ${pluginVersion}. Try: clinvk plugins update`
}

/**
 * A backend that keeps to the contract: where a part of it throws, takes too long or
 * gives something invalid, the caller gets a Failure of kind `unavailable` that names
 * the plugin. Results are not checked here but by `validVerdict`.
 */
export function guardBackend(backend: Backend, origin: Origin): Backend {
  const parts = PARTS.flatMap((part) => {
    const given: unknown = Reflect.get(backend, part)
    if (given === undefined || given === null) return []
    if (typeof given !== 'function') throw failure(origin, part, 'it must be a function')
    return [[part, guard(part, (given as Method).bind(backend), origin)]]
  })
  return Object.fromEntries(parts) as Backend
}

/**
 * A valid verdict of whatever a backend gave as one. Invalid details are left out and
 * named by `onIssue`; undefined where even the outcome is invalid.
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
  return Object.fromEntries(
    Object.entries(verdict as Verdict).filter(([detail]) => !invalid.has(detail)),
  ) as unknown as Verdict
}

type Method = (...given: unknown[]) => unknown

function guard(part: keyof Backend, method: Method, origin: Origin): Method {
  if (ASYNC_PARTS.has(part))
    return async (...given) => {
      try {
        const late = `it is not done after ${PART_TIMEOUT_MS / 1000} s`
        return checked(part, await withTimeout(PART_TIMEOUT_MS, method(...given) as Promise<unknown>, late))
      } catch (error) {
        throw failure(origin, part, oneLine(messageOf(error)), error)
      }
    }

  return (...given) => {
    try {
      const answer = checked(part, method(...given))
      if (part === 'reader') return guardReader(answer as Reader, origin.name)
      if (part === 'plan') checkFiles(answer as Invocation | Refusal, (given[1] as {scratch: string}).scratch)
      return answer
    } catch (error) {
      throw failure(origin, part, oneLine(messageOf(error)), error)
    }
  }
}

function checked(part: keyof Backend, answer: unknown): unknown {
  // Its verdict is checked by `validVerdict`, which keeps what is valid of it.
  const issue = part === 'settle' ? undefined : issueIn(SCHEMA.answers[part], answer)
  if (issue === undefined) return answer
  throw new Error(issue)
}

/** The directory of the files is removed after the turn, with all that is in it. */
function checkFiles(plan: Invocation | Refusal, scratch: string): void {
  if (plan.kind === 'refusal') return
  const outside = plan.files?.find(({path}) => !resolve(path).startsWith(scratch + sep))
  if (outside) throw new Error('`files` must be in `host.scratch`')
}

/**
 * A reader that never throws and gives only valid events. A line that it fails on is
 * kept as `unparsed`; the user is told only once, because it may fail on every line.
 */
function guardReader(reader: Reader, name: string): Reader {
  let isTold = false
  const unread = (line: string, issue: string): BackendEvent[] => {
    const unparsed: BackendEvent = {type: 'unparsed', line}
    if (isTold) return [unparsed]
    isTold = true
    return [
      {type: 'notice', message: `The backend ${name} failed on a line of its agent: ${issue}`},
      unparsed,
    ]
  }

  const read = (line: string, events: () => readonly BackendEvent[]): readonly BackendEvent[] => {
    let given: readonly unknown[]
    try {
      given = events()
      if (!Array.isArray(given)) return unread(line, 'it must be a list of events')
    } catch (error) {
      return unread(line, oneLine(messageOf(error)))
    }

    if (given.every(isValid)) return given
    const invalid: unknown = given.find((event) => !isValid(event))
    return [...given.filter(isValid), ...unread(line, issueIn(SCHEMA.event, invalid)!)]
  }

  return {
    line: (line) => read(line, () => reader.line(line)),
    errorLine: reader.errorLine && ((line) => read(line, () => reader.errorLine!(line))),
    end: (exit: AgentExit): Verdict => {
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

function failure({name, ...origin}: Origin, part: string, message: string, cause?: unknown): Failure {
  return new Failure(
    'unavailable',
    `The backend ${name} failed in \`${part}\`: ${message}`,
    [originHint({name, ...origin})],
    {cause},
  )
}

const SCHEMA = contractSchema({strict: false})
const PARTS = Object.keys(SCHEMA.answers) as (keyof Backend)[]
const ASYNC_PARTS: ReadonlySet<keyof Backend> = new Set(['settle', 'tidy', 'record', 'forget'])
/** For work on the agent's files, and questions to the agent itself. */
const PART_TIMEOUT_MS = 60_000
