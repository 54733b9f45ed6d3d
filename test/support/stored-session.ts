import type {Sandbox} from './sandbox.js'

/** Puts a session into the directory, as it may stand there already. */
export function storeSession(user: Sandbox, id: string, fields: object = {}): string {
  const session = {
    id: id.padEnd(32, '0'),
    backend: 'echo',
    created_at: '2025-01-27T10:00:00Z',
    last_used: '2025-01-27T11:30:00Z',
    working_dir: user.project,
    ...fields,
  }
  user.write(`.clinvk/sessions/${session.id}.json`, JSON.stringify(session))
  return session.id
}

/** A time so many minutes ago, as it stands in files. */
export function minutesAgo(count: number): string {
  return new Date(Date.now() - count * 60_000 - 1000).toISOString()
}
