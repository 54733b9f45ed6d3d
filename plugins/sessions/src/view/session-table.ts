import {formatNumber} from 'clinvk-kit/format/text'
import {relativeTime} from 'clinvk-kit/format/time'
import {table} from 'clinvk-kit/format/table'
import type {SessionFile} from '../store/session-file.js'
import {isRunning, statusOf} from '../store/status.js'
import type {SessionList} from '../store/store.js'
import {totalTokens} from '../store/usage.js'
import {shortIds, titleOf} from './labels.js'

/** Sessions for people, a line each, under the header of the guide. Cut to the terminal's width when there is one. */
export function sessionTable(sessions: readonly SessionFile[], now: Date, terminalWidth?: number): string {
  const ids = shortIds(sessions)
  const rows = sessions.map((session, index) => {
    const tokens = totalTokens(session)
    return [
      ids[index]!,
      session.backend,
      isRunning(session) ? 'running' : statusOf(session),
      relativeTime(new Date(session.last_used), now),
      tokens === undefined ? '-' : formatNumber(tokens),
      titleOf(session),
    ]
  })
  return table(COLUMNS, rows, terminalWidth)
}

/** What the list sums up to: `3 sessions, 6,912 tokens`. `isCut`: the user did not ask for fewer than there are. */
export function summary({sessions, tokens, total}: SessionList, isCut: boolean): string {
  const counted = [`${formatNumber(total)} session${total === 1 ? '' : 's'}`]
  if (tokens?.some(Boolean)) counted.push(`${formatNumber(tokens[0] + tokens[1])} tokens`)
  const shown =
    isCut && sessions.length < total ? [`${sessions.length} of ${total}; --limit 0 shows all`] : []
  return [...shown, counted.join(', ')].map((line) => `${line}\n`).join('')
}

const COLUMNS = [
  {title: 'ID', width: 8},
  {title: 'BACKEND', width: 8},
  {title: 'STATUS', width: 9},
  {title: 'LAST USED', width: 14},
  {title: 'TOKENS', width: 11},
  {title: 'TITLE/PROMPT', width: 0},
]
