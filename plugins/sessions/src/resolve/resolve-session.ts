import {Failure} from 'clinvk-kit/errors/failure'
import {relativeTime} from 'clinvk-kit/format/relative-time'
import {type SessionFile, shortId} from '../store/session-file.js'
import type {SessionStore} from '../store/store.js'
import {shortIds, titleOf} from '../view/labels.js'

/**
 * The session that a user means; first hit wins: exact id, exact name, unique
 * prefix of the id (at least 4 digits), `@last`, `@last:<backend>`. Throws a
 * Failure of kind `session`.
 */
export function resolveSession(reference: string, store: SessionStore): SessionFile {
  const exact = store.get(reference) ?? store.named(reference)
  if (exact) return exact
  if (reference.startsWith('@')) return lastSession(reference, store)

  if (/^[0-9a-f]+$/.test(reference) && reference.length < SHORTEST) {
    throw new Failure(
      'session',
      `"${reference}" is too short for a session id: give at least ${SHORTEST} digits.`,
      [LIST],
    )
  }

  const matches = /^[0-9a-f]+$/.test(reference) ? store.startingWith(reference) : []
  if (matches.length === 1) return matches[0]!
  if (matches.length > 1) {
    throw new Failure(
      'session',
      `"${reference}" fits ${matches.length} sessions. Give more digits:`,
      candidates(matches),
    )
  }

  const hints = reference.includes(' ')
    ? [`Did you mean: clinvk resume --last ${JSON.stringify(reference)}`]
    : []
  throw new Failure('session', `There is no session "${reference}".`, [...hints, LIST])
}

/** The newest one that can be resumed. */
function lastSession(reference: string, store: SessionStore): SessionFile {
  const [, backend] = /^@last(?::(.+))?$/.exec(reference) ?? []
  if (!/^@last(:.+)?$/.test(reference)) {
    throw new Failure('session', `"${reference}" is no reference to a session.`, [
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
    .slice(0, SHOWN)
    .map((id, index) => {
      const session = sessions[index]!
      return `${id}  ${session.backend}  ${relativeTime(new Date(session.last_used), now)}  ${titleOf(session)}`
    })
    .concat(sessions.length > SHOWN ? [`… and ${sessions.length - SHOWN} more`] : [])
}

/** What to type to get one particular session. */
export function resumeCommand(session: Pick<SessionFile, 'id'>): string {
  return `clinvk resume ${shortId(session)} "…"`
}

const SHORTEST = 4
const SHOWN = 10
const LIST = 'See: clinvk sessions list'
