import {table} from 'clinvk-kit/format/table'
import {formatNumber} from 'clinvk-kit/format/text'
import {formatDuration} from 'clinvk-kit/format/time'
import type {TurnResult} from 'clinvk-kit/turn/result'

/** What a table says of a task; what is not known is a dash. */
export interface TaskLine {
  readonly number?: number
  readonly backend?: string
  readonly state: string
  readonly result?: Pick<TurnResult, 'duration_seconds' | 'usage'>
  readonly session?: string
  readonly last: string
}

/** A line for each task, below a header; `titles` are those of the state and of the last column. Numbers may be left out. */
export function taskTable(
  tasks: readonly TaskLine[],
  titles: readonly [state: string, last: string],
  width: number | undefined,
): string {
  const isNumbered = tasks.some(({number}) => number !== undefined)
  const columns = [
    ...(isNumbered ? [{title: '#', width: 3}] : []),
    {title: 'BACKEND', width: 8},
    {title: titles[0], width: 11},
    {title: 'TIME', width: 7},
    {title: 'TOKENS', width: 8},
    {title: 'SESSION', width: 8},
    {title: titles[1], width: 0},
  ]
  const rows = tasks.map(({backend = '-', last, number, result, session, state}) => [
    ...(isNumbered ? [String(number)] : []),
    backend,
    state,
    result ? formatDuration(result.duration_seconds * 1000) : '-',
    formatNumber(result?.usage?.total_tokens),
    session?.slice(0, 8) ?? '-',
    last,
  ])
  return table(columns, rows, width)
}
