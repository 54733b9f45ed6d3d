import {formatNumber} from 'clinvk-kit/format/number'
import {relativeTime} from 'clinvk-kit/format/relative-time'
import {table} from 'clinvk-kit/format/table'
import {totalTokens} from './session-json.js'
import type {SessionFile} from './session-file.js'
import {shortIds} from './short-id.js'
import {isRunning, statusOf} from './status.js'
import {titleOf} from './title.js'

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

const COLUMNS = [
  {title: 'ID', width: 8},
  {title: 'BACKEND', width: 8},
  {title: 'STATUS', width: 9},
  {title: 'LAST USED', width: 14},
  {title: 'TOKENS', width: 11},
  {title: 'TITLE/PROMPT', width: 0},
]
