import {type BackendEntry, unknownBackend} from '../backends/discover.js'
import {Failure, isFailure} from '../errors/failure.js'
import type {TurnContext} from './context.js'
import {planOne, type PreparedTurn, sessionOf} from './prepare.js'
import type {SessionRequest, TurnRequest} from './request.js'
import {attemptOf, failureResult, type TurnAttempt} from './result.js'

/** Who takes a prompt when its backend cannot. */
export interface Fallback {
  /** Backends, in the order in which they are asked. */
  readonly names: readonly string[]
  /** Of each, as long as no agent has worked: a new one, or a fork of the one that was to continue. */
  readonly session: SessionRequest
  /** Those before the first whose program is there. */
  readonly skipped: readonly TurnAttempt[]
}

/**
 * Prepares the turn of the first backend that is there, and checks that each of the others could do the same. Throws a
 * Failure when one refuses an option, or none is there.
 */
export async function prepareFirst(
  request: TurnRequest,
  context: TurnContext,
  prepare: (request: TurnRequest, context: TurnContext) => Promise<PreparedTurn>,
): Promise<PreparedTurn> {
  if (request.extra.length > 0)
    throw new Failure('refused', '--extra is refused with --fallback: it is meant for one agent.', [
      'For each agent by itself: clinvk config set backends.NAME.extra_flags VALUE',
    ])
  const own = {...request, fallback: []}
  const skipped: TurnAttempt[] = []
  const notices: string[] = []
  let failure: Failure | undefined
  let first = await prepare(own, context).catch((error: unknown) => {
    const name = request.backend ?? context.settings.default_backend
    // A misspelt name is not an agent that is missing.
    if (!context.backends.has(name)) throw error
    failure = onlyUnavailable(error)
    skipped.push(skippedAttempt(failure, name))
    return undefined
  })
  const session = await sessionWithout(request, first, context)
  const names: string[] = []
  for (const entry of entriesOf(request, context)) {
    const {name} = entry
    if (first?.entry.name === name || names.includes(name)) continue
    try {
      const asked = {...requestFor(own, entry), session}
      if (first) {
        const place = {...asked, workdir: first.turn.cwd}
        await planOne(place, {...context, settings: await context.settingsIn(first.turn.cwd)})
        names.push(name)
      } else {
        first = await prepare(asked, context)
        notices.push(`${failure!.message} ${entry.descriptor.title} takes over.`)
      }
    } catch (error) {
      const {message, kind, hints} = isFailure(error) ? error : onlyUnavailable(error)
      if (kind !== 'unavailable') throw new Failure(kind, `--fallback ${name}: ${message}`, hints)
      if (!first) skipped.push(skippedAttempt(error as Failure, name))
      notices.push(`${name} cannot take over: ${message}`)
    }
  }

  if (!first) throw failure!
  return {...first, notices: [...notices, ...first.notices], fallback: {names, session, skipped}}
}

/** The same request for another backend: a model of one agent means nothing to the next, unless it is an alias. */
export function requestFor(request: TurnRequest, {descriptor, name: backend}: BackendEntry): TurnRequest {
  const {model = ''} = request
  const isAlias = Object.hasOwn(descriptor.models ?? {}, model)
  return {...request, backend, fallback: [], model: isAlias ? model : undefined}
}

/** Backends by the names that were given; of `codex,gemini` each. Throws a Failure for one that there is not. */
function entriesOf({fallback}: TurnRequest, {backends}: TurnContext): BackendEntry[] {
  const names = fallback.flatMap((list) => list.split(',')).map((name) => name.trim())
  return names
    .filter((name) => name !== '')
    .map((name) => {
      const entry = backends.get(name)
      if (!entry) throw unknownBackend(name, backends)
      return entry
    })
}

async function sessionWithout(
  request: TurnRequest,
  first: PreparedTurn | undefined,
  context: TurnContext,
): Promise<SessionRequest> {
  const {session} = request
  if (session.kind === 'ephemeral' || session.kind === 'fork') return session
  const record = first ? first.session : await sessionOf(request, context)
  if (record?.continues) {
    const adopts = session.kind === 'named' ? session.adopts : undefined
    return {kind: 'fork', reference: record.id, tags: session.tags, adopts}
  }

  return session.kind === 'new' ? {...session, fresh: true} : {kind: 'new', fresh: true, tags: session.tags}
}

function onlyUnavailable(error: unknown): Failure {
  if (isFailure(error) && error.kind === 'unavailable') return error
  throw error
}

function skippedAttempt(failure: Failure, backend: string): TurnAttempt {
  return attemptOf({...failureResult(failure), backend})
}
