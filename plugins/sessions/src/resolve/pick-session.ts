import {homedir} from 'node:os'
import type {IO} from 'clinvk-kit/io'
import {formatNumber} from 'clinvk-kit/format/text'
import {relativeTime} from 'clinvk-kit/format/time'
import {cutToWidth, padToWidth} from 'clinvk-kit/format/table'
import type {SessionFile} from '../store/session-file.js'
import {totalTokens} from '../store/usage.js'
import {shortIds, titleOf} from '../view/labels.js'

/** Whether there is a terminal to pick on. The list is drawn on stderr: stdout is for the answer. */
export function isPickable({stdin, stderr}: IO): boolean {
  return stdin.isTTY === true && stderr.isTTY === true
}

/** Lets the user pick a session, filtered by what is typed. Undefined when the user leaves with Esc or Ctrl-C. */
export async function pickSession(
  sessions: readonly SessionFile[],
  total: number,
  {stdin, stderr}: IO,
): Promise<SessionFile | undefined> {
  const {autocomplete, isCancel} = await import('@clack/prompts')
  const labels = rows(sessions, (stderr.columns ?? 80) - FRAME)
  const picked = await autocomplete({
    message:
      total > sessions.length ? `Which session? The last ${sessions.length} of ${total}` : 'Which session?',
    options: sessions.map((_, index) => ({value: index, label: labels[index]!})),
    filter: (typed, {value}) => fits(sessions[value]!, typed),
    maxItems: Math.max(5, Math.min(15, (stderr.rows ?? 24) - 8)),
    placeholder: 'Type to filter: words, a backend, a directory, an id',
    input: stdin,
    output: stderr,
  })
  return isCancel(picked) ? undefined : sessions[picked]
}

/** All typed words occur somewhere in what is known of the session. */
function fits(session: SessionFile, typed: string): boolean {
  const {
    backend,
    id,
    initial_prompt: prompt = '',
    name = '',
    tags = [],
    title = '',
    working_dir: dir,
  } = session
  const text = [id, name, backend, dir, title, prompt, ...tags].join('\n').toLowerCase()
  return typed
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word))
}

/** Age, backend, directory, tokens and title, in columns that together fit the terminal. */
function rows(sessions: readonly SessionFile[], width: number): string[] {
  const now = new Date()
  const ids = shortIds(sessions)
  const cells = sessions.map((session, index) => {
    const tokens = totalTokens(session)
    return [
      ids[index]!,
      relativeTime(new Date(session.last_used), now),
      session.backend,
      shortPath(session.working_dir),
      tokens === undefined ? '-' : formatNumber(tokens),
      titleOf(session),
    ]
  })
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...cells.map((row) => row[column]!.length)))
  return cells.map((row) => {
    const text = row
      .map((cell, column) => (column === 5 ? cell : padToWidth(cell, widths[column]!)))
      .join('  ')
    return cutToWidth(text, Math.max(20, width))
  })
}

/** The end of a path says more than its beginning. */
function shortPath(path: string): string {
  const home = homedir()
  const short = path === home || path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path
  return short.length > LONGEST_PATH ? `…${short.slice(1 - LONGEST_PATH)}` : short
}

const LONGEST_PATH = 28
/** Columns that the frame and the mark before a row take. */
const FRAME = 6
