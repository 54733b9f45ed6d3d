import {realpathSync} from 'node:fs'
import {Failure} from 'clinvk-kit/errors/failure'
import {realPathOf} from 'clinvk-kit/files/read-file'
import {table, widthOf} from 'clinvk-kit/format/table'
import {formatNumber, oneLine, quoteCommand} from 'clinvk-kit/format/text'
import {relativeTime} from 'clinvk-kit/format/time'
import type {IO} from 'clinvk-kit/io'
import {type SessionFile, shortId} from '../store/session-file.js'
import type {SessionPlace} from '../lifecycle/place.js'
import {totalTokens} from '../store/usage.js'
import {shortIds, shortPath, titleOf} from '../view/labels.js'
import {checkBackend, lastSession, LIST, noSession, resolveAny} from './resolve-session.js'

export interface Choice {
  readonly words: readonly string[]
  readonly last: boolean
  readonly interactive: boolean
  readonly here: boolean
  readonly backend?: string
}

/**
 * The session to resume, and the prompt where one was given: by `--last`, by what the user calls it, or picked from a
 * list. `isNew`: a conversation of an agent that is no session yet. Undefined when the user left the list. Throws a Failure.
 */
export async function chooseSession(
  {backend, here, interactive, last, words}: Choice,
  place: SessionPlace,
): Promise<{session: SessionFile; isNew?: boolean; prompt?: string} | undefined> {
  const {io, store} = place
  const filter = {backend, directory: here ? realpathSync(io.cwd) : undefined, resumable: true}
  const [first, second] = words
  if (first !== undefined && !last && !interactive) {
    const {isNew, session} = await resolveAny(first, place)
    // A filter that the named session does not pass is a contradiction.
    checkBackend(session, backend)
    if (here && realPathOf(session.working_dir) !== filter.directory) {
      const where = session.working_dir || 'no directory'
      const message = `Session ${shortId(session)} belongs to ${where}, not to this directory.`
      throw new Failure('usage', message, ['Leave out --here: it continues in its own directory.'])
    }

    return {session, isNew, prompt: second}
  }

  if (second !== undefined) {
    const flag = last ? '--last' : '--interactive'
    throw new Failure('usage', `With ${flag} the only argument is the prompt.`, [
      `Try: ${quoteCommand(['clinvk', 'resume', first!, second])}`,
    ])
  }

  if (last && !interactive) return {session: lastSession(store, filter, LIST), prompt: first}
  if (!io.stdin.isTTY || !io.stderr.isTTY) {
    throw new Failure('usage', 'Say which session: without a terminal none can be picked.', [
      'The last one: clinvk resume --last "…"',
      'Another one: clinvk sessions list, then clinvk resume ID "…"',
    ])
  }

  const {sessions, total} = store.list(filter, {limit: MAX_OFFERED})
  if (sessions.length === 0) noSession(filter, LIST)
  const session = await pickSession(sessions, total, io)
  return session && {session, prompt: first}
}

/** Lets the user pick a session, filtered by what is typed. Undefined when the user leaves. */
async function pickSession(
  sessions: readonly SessionFile[],
  total: number,
  io: IO,
): Promise<SessionFile | undefined> {
  const {pickRow} = await import('./pick-row.js')
  const which = total > sessions.length ? ` The last ${sessions.length} of ${total}` : ''
  const picked = await pickRow(
    {
      message: `Which session?${which}`,
      lines: (columns) => rows(sessions, columns, widthOf(io.stderr) >= WIDE),
      placeholder: 'Type to filter: words, backend, directory, id',
      nothing: 'No session matches what is typed.',
      texts: sessions.map(({backend, id, initial_prompt, name, tags = [], title, working_dir}) =>
        [id, name, backend, working_dir, title, initial_prompt, ...tags].join('\n'),
      ),
      titles: sessions.map(titleOf),
    },
    io,
  )
  return picked === undefined ? undefined : sessions[picked]
}

/** A header, then id, age, backend and title of each; on a wide terminal directory and tokens, too. */
function rows(sessions: readonly SessionFile[], width: number, isWide: boolean): string[] {
  const now = new Date()
  const ids = shortIds(sessions)
  const cells = sessions.map((session, index) => [
    ids[index]!,
    relativeTime(new Date(session.last_used), now),
    oneLine(session.backend),
    ...(isWide ? [pathEnd(oneLine(session.working_dir)), formatNumber(totalTokens(session))] : []),
    titleOf(session),
  ])
  const titles = ['ID', 'LAST USED', 'BACKEND', ...(isWide ? ['DIRECTORY', 'TOKENS'] : []), 'TITLE/PROMPT']
  const columns = titles.map((title) => ({title, width: 0}))
  return table(columns, cells, width).trimEnd().split('\n')
}

/** Columns of a terminal. */
const WIDE = 110

/** The end of a path says more than its beginning. */
function pathEnd(path: string): string {
  const short = shortPath(path)
  return short.length > MAX_PATH ? `…${short.slice(1 - MAX_PATH)}` : short
}

/** As many as one may want to look through; the rest is found by `sessions list`. */
const MAX_OFFERED = 500
const MAX_PATH = 28
