import type {TurnEvent} from 'clinvk-contract'
import {quoteCommand} from 'clinvk-kit/format/text'
import {visibleLine} from 'clinvk-kit/format/visible'
import {formatDuration, localTime} from 'clinvk-kit/format/time'
import type {TurnResult} from 'clinvk-kit/turn/result'
import type {Printer} from './printer.js'

/** What people are told of an event beside the answer; undefined where that is nothing. */
export function eventNotice(event: TurnEvent, agent: string): string | undefined {
  switch (event.type) {
    case 'retry': {
      const {attempt, delay_seconds: delay, max_attempts: most, message} = event
      const count = most === undefined ? String(attempt) : `${attempt} of ${most}`
      const when = delay === undefined ? '' : ` in ${formatDuration(delay * 1000)}`
      return `${agent} tries again${when} (${count}): ${message}`
    }
    case 'rate_limit':
      return event.resets_at === undefined
        ? event.message
        : `${event.message} It ends at ${localTime(event.resets_at)}.`
    case 'notice':
      return event.message
    case 'error':
      return `${agent} reports: ${event.message}`
    default:
      return undefined
  }
}

/** What the agent was not allowed to do, and the command that resumes with permission; lines without line breaks. */
export function denialNotice(
  {backend = 'The agent', denials, session_id: session}: TurnResult,
  printer: Printer,
): string[] {
  if (denials.length === 0) return []
  const denied = denials.map(({target, tool}) =>
    visibleLine(target === undefined ? tool : `${tool} ${target}`),
  )
  // Flag and value belong together; each pair is given once.
  const flags = new Map<string, string[]>()
  for (const {allow = []} of denials) {
    for (let index = 0; index < allow.length; index += 2)
      flags.set(allow.slice(index, index + 2).join('\0'), allow.slice(index, index + 2))
  }
  const resume = ['clinvk', 'resume', session?.slice(0, 8) ?? '', ...[...flags.values()].flat(), 'continue']
  return [
    printer.paint('yellow', `${backend} was not allowed to use:`),
    ...new Set(denied.map((line) => `  ${line}`)),
    ...(session && flags.size > 0 ? [`Resume with more permissions: ${quoteCommand(resume)}`] : []),
  ]
}
