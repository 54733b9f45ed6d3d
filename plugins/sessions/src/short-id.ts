import type {SessionFile} from './store/session-file.js'

/** The first eight digits of an id, as people see it. */
export function shortId({id}: Pick<SessionFile, 'id'>): string {
  return id.slice(0, LENGTH)
}

/** The same for the rows of one list: longer only where two of them would look alike. */
export function shortIds(sessions: readonly Pick<SessionFile, 'id'>[]): string[] {
  const counts = new Map<string, number>()
  for (const session of sessions) counts.set(shortId(session), (counts.get(shortId(session)) ?? 0) + 1)
  return sessions.map((session) => {
    if (counts.get(shortId(session)) === 1) return shortId(session)
    const alike = sessions.filter((other) => other !== session && shortId(other) === shortId(session))
    let length = LENGTH + 1
    while (alike.some(({id}) => id.startsWith(session.id.slice(0, length))) && length < session.id.length)
      length++
    return session.id.slice(0, length)
  })
}

const LENGTH = 8
