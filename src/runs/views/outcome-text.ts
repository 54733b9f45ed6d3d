import {formatDuration} from 'clinvk-kit/format/duration'
import {formatNumber} from 'clinvk-kit/format/number'
import {oneLine} from 'clinvk-kit/format/one-line'
import type {TaskResult} from '../task-result.js'

/** `success in 2.5s, 1,234 tokens`, or what went wrong. */
export function outcomeText({result, startedAt}: TaskResult): string {
  const {duration_seconds: seconds, error, outcome, usage} = result
  const tokens = usage?.total_tokens
  const spent = tokens === undefined ? '' : `, ${formatNumber(tokens)} tokens`
  const why = error === undefined ? '' : `: ${oneLine(error.message)}`
  const time = startedAt === undefined ? '' : ` in ${formatDuration(seconds * 1000)}`
  return `${outcome}${time}${spent}${why}`
}
