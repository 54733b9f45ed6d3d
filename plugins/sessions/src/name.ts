import {Failure} from 'clinvk-kit/failure'
import type {SessionFile} from './session-file.js'
import {shortId} from './short-id.js'

/** Refuses a name that could not be told from an id or a reference, or that another session has. */
export function checkName(name: string, sessions: readonly SessionFile[]): void {
  if (!/^[^\s@-][^\n]{0,99}$/u.test(name) || name.trim() !== name) {
    throw new Failure(
      'usage',
      `"${name}" is no name for a session: it must not begin with @ or -, nor be empty.`,
    )
  }

  if (/^[0-9a-f]{4,}$/.test(name)) {
    throw new Failure('usage', `"${name}" is no name for a session: it looks like the beginning of an id.`)
  }

  const taken = sessions.find((session) => session.name === name)
  if (taken) throw new Failure('usage', `The name "${name}" is taken by session ${shortId(taken)}.`)
}
