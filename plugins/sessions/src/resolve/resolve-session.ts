import type {Config} from '@oclif/core'
import {Failure} from 'clinvk-kit/errors/failure'
import {nearest, quoteCommand} from 'clinvk-kit/format/text'
import {relativeTime} from 'clinvk-kit/format/time'
import type {SessionFilter} from '../store/index-entry.js'
import {type SessionFile, shortId} from '../store/session-file.js'
import type {SessionStore} from '../store/store.js'
import {shortIds, titleOf} from '../view/labels.js'

/**
 * The session that a user means: the first match of exact id, exact name, unique prefix of an id (at least 4
 * digits), `@last` and `@last:<backend>`. Throws a Failure of kind `session`.
 */
export function resolveSession(reference: string, store: SessionStore): SessionFile {
  const exact = store.get(reference) ?? store.named(reference)
  if (exact) return exact
  const fail = (message: string, hints: readonly string[]) => new Failure('session', message, hints)
  if (reference.startsWith('@')) {
    const [isLast, backend] = /^@last(?::(.+))?$/.exec(reference) ?? []
    if (isLast !== undefined) return lastSession(store, {backend}, LIST)
    throw fail(`"${reference}" is not a reference to a session.`, ['Try @last or @last:claude'])
  }

  const isDigits = /^[0-9a-f]+$/.test(reference)
  if (isDigits && reference.length < MIN_PREFIX) {
    const message = `"${reference}" is too short for a session id: give at least ${MIN_PREFIX} digits.`
    throw fail(message, [LIST])
  }

  const matches = isDigits ? store.startingWith(reference) : []
  if (matches.length === 1) return matches[0]!
  if (matches.length > 1)
    throw fail(`"${reference}" matches ${matches.length} sessions. Give more digits:`, candidates(matches))
  const names = store.entries().flatMap(({name}) => name ?? [])
  const near = nearest(reference, names)
  const meant =
    near ?? (reference.includes(' ') ? quoteCommand(['clinvk', 'resume', '--last', reference]) : undefined)
  throw fail(`There is no session "${reference}".`, [
    ...(meant === undefined ? [] : [`Did you mean: ${meant}`]),
    LIST,
  ])
}

/**
 * The same, or the conversation of an agent that is meant; `isNew`: as the session that it becomes when it is created,
 * with `isBrief` only as far as the beginning of the record tells.
 */
export async function resolveAny(
  reference: string,
  place: {readonly config: Config; readonly store: SessionStore},
  isBrief?: boolean,
): Promise<{readonly session: SessionFile; readonly isNew?: boolean}> {
  try {
    return {session: resolveSession(reference, place.store)}
  } catch (error) {
    const {resolveConversation} = await import('./agent-conversations.js')
    return resolveConversation(reference, error, place, isBrief)
  }
}

/** The last used session that can be resumed. Throws a Failure where there is none. */
export function lastSession(store: SessionStore, filter: SessionFilter, hint: string): SessionFile {
  return store.newest({...filter, resumable: true}) ?? noSession(filter, hint)
}

export function noSession({backend, directory}: SessionFilter, hint: string): never {
  const which = backend === undefined ? '' : ` of ${backend}`
  const where = directory === undefined ? '' : ' in this directory'
  throw new Failure('session', `There is no session${which}${where} to resume.`, [hint])
}

/** Throws a Failure when the user gave another backend than that of the session. */
export function checkBackend(session: SessionFile, backend: string | undefined): void {
  if (backend === undefined || backend === session.backend) return
  const message = `Session ${shortId(session)} belongs to ${session.backend}; ${backend} cannot resume it.`
  const fork = quoteCommand(['clinvk', 'fork', shortId(session), '-b', backend])
  throw new Failure('usage', message, [
    `Leave out --backend, or continue the conversation there: ${fork} "…"`,
  ])
}

/** Rows for an error, of at most ten. */
export function candidates(sessions: readonly SessionFile[]): string[] {
  const ids = shortIds(sessions)
  const shown = sessions.slice(0, MAX_CANDIDATES)
  const rows = shown.map((session, index) => sessionRow(session, ids[index]!, new Date()))
  const more = sessions.length - MAX_CANDIDATES
  return more > 0 ? [...rows, `… and ${more} more`] : rows
}

/** A session on one line, where there is no table. */
export function sessionRow(session: SessionFile, id: string, now: Date): string {
  return `${id}  ${session.backend}  ${relativeTime(new Date(session.last_used), now)}  ${titleOf(session)}`
}

const MIN_PREFIX = 4
const MAX_CANDIDATES = 10
export const LIST = 'See: clinvk sessions list'
