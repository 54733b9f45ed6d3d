import {realpathSync} from 'node:fs'
import {Failure} from 'clinvk-kit/errors/failure'
import type {IO} from 'clinvk-kit/io'
import {resolveSession} from './resolve-session.js'
import type {SessionFilter} from '../store/filter.js'
import {indexEntry} from '../store/index-entry.js'
import {type SessionFile, shortId} from '../store/session-file.js'
import {SessionStore} from '../store/store.js'

/** What `resume` was given to choose by. */
export interface Choice {
  /** Positional arguments. */
  readonly words: readonly string[]
  readonly last: boolean
  readonly interactive: boolean
  readonly here: boolean
  readonly backend?: string | undefined
}

export interface Chosen {
  readonly session: SessionFile
  readonly prompt?: string | undefined
}

/**
 * The session to continue, and the prompt where one was given: by `--last`, by
 * what the user calls it, or from the picker. Undefined when the user left the
 * picker. Throws a Failure.
 */
export async function chooseSession(choice: Choice, io: IO): Promise<Chosen | undefined> {
  const {backend, here, interactive, last} = choice
  const store = new SessionStore(io.env)
  const filter = {backend, directory: here ? realpathSync(io.cwd) : undefined, resumable: true}
  const [first, second] = choice.words
  if (first !== undefined && !last && !interactive) {
    const session = resolveSession(first, store)
    checkFits(session, filter)
    return {session, prompt: second}
  }

  if (second !== undefined) {
    const flag = last ? '--last' : '--interactive'
    throw new Failure('usage', `With ${flag} the only argument is the prompt.`, [
      `Try: clinvk resume ${first!} ${JSON.stringify(second)}`,
    ])
  }

  if (last && !interactive) {
    const session = store.newest(filter) ?? none(filter)
    return {session, prompt: first}
  }

  const {isPickable, pickSession} = await import('./pick-session.js')
  if (!isPickable(io)) {
    throw new Failure('usage', 'Say which session: without a terminal none can be picked.', [
      'The last one: clinvk resume --last "…"',
      'Another one: clinvk sessions list, then clinvk resume ID "…"',
    ])
  }

  const {sessions, total} = store.list(filter, {limit: OFFERED})
  if (sessions.length === 0) none(filter)
  const session = await pickSession(sessions, total, io)
  return session && {session, prompt: first}
}

/** A filter that the named session does not pass is a contradiction, not a thing to overlook. */
function checkFits(session: SessionFile, {backend, directory}: SessionFilter): void {
  if (backend !== undefined && session.backend !== backend) {
    throw new Failure(
      'usage',
      `Session ${shortId(session)} belongs to ${session.backend}, not to ${backend}.`,
      [`Leave out --backend, or start a new session: clinvk -b ${backend} "…"`],
    )
  }

  if (directory !== undefined && indexEntry(session, '').dir !== directory) {
    throw new Failure(
      'usage',
      `Session ${shortId(session)} belongs to ${session.working_dir}, not to here.`,
      ['Leave out --here: it continues in its own directory.'],
    )
  }
}

function none({backend, directory}: SessionFilter): never {
  const which = backend === undefined ? '' : ` of ${backend}`
  const where = directory === undefined ? '' : ' in this directory'
  throw new Failure('session', `There is no session${which}${where} to resume.`, [
    'See: clinvk sessions list',
  ])
}

/** As many as one may want to look through; the rest is found by `sessions list`. */
const OFFERED = 500
