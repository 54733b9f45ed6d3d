import type {Denial} from 'clinvk-contract'
import {oneLine, quoteCommand} from 'clinvk-kit/format/text'
import type {TurnResult} from 'clinvk-kit/turn/result'
import type {Printer} from './printer.js'

/** What the agent was not allowed to do, and the command that goes on with the right to do it. */
export function denialNotice(
  {backend, denials, session_id: session}: TurnResult,
  printer: Printer,
): string[] {
  if (denials.length === 0) return []
  const lines = denials.map(
    ({target, tool}) => `  ${oneLine(target === undefined ? tool : `${tool} ${target}`)}\n`,
  )
  const flags = allowing(denials)
  return [
    printer.paint('yellow', `${backend ?? 'The agent'} was not allowed to use:`) + '\n',
    ...new Set(lines),
    ...(session === undefined || flags.length === 0
      ? []
      : [
          `Go on with more rights: ${quoteCommand(['clinvk', 'resume', session.slice(0, 8), ...flags, 'continue'])}\n`,
        ]),
  ]
}

/** The flags that would have allowed everything that was denied, each once. */
function allowing(denials: readonly Denial[]): string[] {
  const pairs = new Set<string>()
  for (const {allow = []} of denials) {
    for (let index = 0; index < allow.length; index += 2)
      pairs.add(JSON.stringify(allow.slice(index, index + 2)))
  }

  return [...pairs].flatMap((pair) => JSON.parse(pair) as string[])
}
