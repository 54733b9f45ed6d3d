import {Failure} from 'clinvk-kit/errors/failure'
import {relativeTime} from 'clinvk-kit/format/time'
import type {SessionFile} from '../store/session-file.js'
import type {SessionStore} from '../store/store.js'
import {shortIds, titleOf} from '../view/labels.js'

/**
 * The session that a user means: the first match of exact id, exact name, unique
 * prefix of an id (at least 4 digits), `@last` and `@last:<backend>`. Throws a
 * Failure of kind `session`.
 */
export function resolveSession(reference: string, store: SessionStore): SessionFile {
  const exact = store.get(reference) ?? store.named(reference)
  if (exact) return exact
  if (reference.startsWith('@')) return lastSession(reference, store)

  if (/^[0-9a-f]+$/.test(reference) && reference.length < SHORTEST_PREFIX) {
    throw new Failure(
      'session',
      `"${reference}" is too short for a session id: give at least ${SHORTEST_PREFIX} digits.`,
      [LIST],
    )
  }

  const matches = /^[0-9a-f]+$/.test(reference) ? store.startingWith(reference) : []
  if (matches.length === 1) return matches[0]!
  if (matches.length > 1) {
    throw new Failure(
      'session',
      `"${reference}" matches ${matches.length} sessions. Give more digits:`,
      candidates(matches),
    )
  }

  const hints = reference.includes(' ')
    ? [`Did you mean: clinvk resume --last ${JSON.stringify(reference)}`]
    : []
  throw new Failure('session', `There is no session "${reference}".`, [...hints, LIST])
}

/** The last used session that can be resumed. */
function lastSession(reference: string, store: SessionStore): SessionFile {
  const [, backend] = /^@last(?::(.+))?$/.exec(reference) ?? []
  if (!/^@last(:.+)?$/.test(reference)) {
    throw new Failure('session', `"${reference}" is not a reference to a session.`, [
      'Try @last or @last:claude',
    ])
  }

  const found = store.newest({backend, resumable: true})
  if (found) return found
  throw new Failure(
    'session',
    `There is no session${backend === undefined ? '' : ` of ${backend}`} to resume.`,
    [LIST],
  )
}

function candidates(sessions: readonly SessionFile[]): string[] {
  const now = new Date()
  return shortIds(sessions)
    .slice(0, CANDIDATES)
    .map((id, index) => {
      const session = sessions[index]!
      return `${id}  ${session.backend}  ${relativeTime(new Date(session.last_used), now)}  ${titleOf(session)}`
    })
    .concat(sessions.length > CANDIDATES ? [`… and ${sessions.length - CANDIDATES} more`] : [])
}

const SHORTEST_PREFIX = 4
const CANDIDATES = 10
const LIST = 'See: clinvk sessions list'
