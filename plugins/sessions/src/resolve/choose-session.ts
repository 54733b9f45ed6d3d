import {realpathSync} from 'node:fs'
import {homedir} from 'node:os'
import {Failure} from 'clinvk-kit/errors/failure'
import {cutToWidth, padToWidth, widthOf} from 'clinvk-kit/format/table'
import {formatNumber, oneLine, quoteCommand} from 'clinvk-kit/format/text'
import {relativeTime} from 'clinvk-kit/format/time'
import type {IO} from 'clinvk-kit/io'
import {drawingOn} from 'clinvk-kit/terminal'
import {realPathOf} from '../store/index-entry.js'
import {type SessionFile, shortId} from '../store/session-file.js'
import {SessionStore} from '../store/store.js'
import {totalTokens} from '../store/usage.js'
import {shortIds, titleOf} from '../view/labels.js'
import {checkBackend, lastSession, LIST, noSession, resolveSession} from './resolve-session.js'

export interface Choice {
  readonly words: readonly string[]
  readonly last: boolean
  readonly interactive: boolean
  readonly here: boolean
  readonly backend?: string
}

/**
 * The session to resume, and the prompt where one was given: by `--last`, by what the user calls it, or
 * picked from a list. Undefined when the user left the list. Throws a Failure.
 */
export async function chooseSession(
  {backend, here, interactive, last, words}: Choice,
  io: IO,
): Promise<{session: SessionFile; prompt?: string} | undefined> {
  const store = new SessionStore(io.env)
  const filter = {backend, directory: here ? realpathSync(io.cwd) : undefined, resumable: true}
  const [first, second] = words
  if (first !== undefined && !last && !interactive) {
    const session = resolveSession(first, store)
    // A filter that the named session does not pass is a contradiction.
    checkBackend(session, backend)
    if (here && realPathOf(session.working_dir) !== filter.directory) {
      const where = session.working_dir || 'no directory'
      const message = `Session ${shortId(session)} belongs to ${where}, not to this directory.`
      throw new Failure('usage', message, ['Leave out --here: it continues in its own directory.'])
    }

    return {session, prompt: second}
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

/**
 * Lets the user pick a session, filtered by what is typed. Undefined when the user leaves with Esc or
 * Ctrl-C. The list is drawn on stderr: stdout is for the answer.
 */
async function pickSession(
  sessions: readonly SessionFile[],
  total: number,
  {stdin, stderr}: IO,
): Promise<SessionFile | undefined> {
  const {autocomplete, isCancel} = await import('@clack/prompts')
  const labels = rows(sessions, Math.max(20, widthOf(stderr) - FRAME_COLUMNS))
  const which = total > sessions.length ? ` The last ${sessions.length} of ${total}` : ''
  const picked = await autocomplete({
    message: `Which session?${which}`,
    options: sessions.map((_, index) => ({value: index, label: labels[index]!})),
    filter: (typed, {value}) => hasWords(sessions[value]!, typed),
    maxItems: Math.max(5, Math.min(15, (stderr.rows || 24) - 8)),
    placeholder: 'Type to filter: words, a backend, a directory, an id',
    input: stdin,
    output: drawingOn(stderr),
  })
  return isCancel(picked) ? undefined : sessions[picked]
}

/** All typed words occur somewhere in what is known of the session. */
function hasWords(session: SessionFile, typed: string): boolean {
  const {backend, id, initial_prompt: prompt, name, tags = [], title, working_dir: directory} = session
  const text = [id, name, backend, directory, title, prompt, ...tags].join('\n').toLowerCase()
  const words = typed.toLowerCase().split(/\s+/)
  return words.every((word) => text.includes(word))
}

/** Id, age, backend, directory, tokens and title, in columns that together fit the terminal. */
function rows(sessions: readonly SessionFile[], width: number): string[] {
  const now = new Date()
  const ids = shortIds(sessions)
  const cells = sessions.map((session, index) => [
    ids[index]!,
    relativeTime(new Date(session.last_used), now),
    oneLine(session.backend),
    shortPath(oneLine(session.working_dir)),
    formatNumber(totalTokens(session)),
  ])
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...cells.map((row) => row[column]!.length)))
  return cells.map((row, index) => {
    const columns = row.map((cell, column) => padToWidth(cell, widths[column]!))
    return cutToWidth([...columns, titleOf(sessions[index]!)].join('  '), width)
  })
}

/** The end of a path says more than its beginning. */
function shortPath(path: string): string {
  const home = homedir()
  const short = path === home || path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path
  return short.length > MAX_PATH ? `…${short.slice(1 - MAX_PATH)}` : short
}

/** As many as one may want to look through; the rest is found by `sessions list`. */
const MAX_OFFERED = 500
const MAX_PATH = 28
/** Columns that the frame and the mark before a row take. */
const FRAME_COLUMNS = 6
