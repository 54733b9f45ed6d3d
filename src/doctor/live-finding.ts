import type {Finding} from 'clinvk-kit/hooks/doctor'
import {formatDuration} from 'clinvk-kit/format/duration'
import {formatNumber} from 'clinvk-kit/format/number'
import {oneLine} from 'clinvk-kit/format/one-line'
import type {TurnResult} from 'clinvk-kit/turn/result'

/** How the tiny turn went: answer, model, tokens, time. */
export function liveFinding(title: string, result: TurnResult): Finding {
  const {content, duration_seconds: seconds, error, model, usage} = result
  const time = formatDuration(seconds * 1000)
  if (error)
    return {state: 'problem', message: `${title}: ${error.message} (${time})`, hints: error.hints ?? []}
  const facts = [
    ...(model === undefined ? [] : [model]),
    ...(usage?.total_tokens === undefined ? [] : [`${formatNumber(usage.total_tokens)} tokens`]),
    time,
  ]
  return {
    state: 'ok',
    message: `${title} answers: ${oneLine(content).slice(0, LONGEST)} (${facts.join(', ')})`,
  }
}

const LONGEST = 200
