import {formatNumber} from 'clinvk-kit/format/text'
import {visibleLine} from 'clinvk-kit/format/visible'
import type {Message, TranscriptTurn} from '../transcript/message.js'

export interface TurnTextOptions {
  readonly backend: string
  /** Also what tools were given and what they gave back, and what sub-agents said. */
  readonly hasTools: boolean
  /** Marks headings on a terminal. */
  readonly isBold?: boolean
}

/** A turn for people, which is Markdown, too: a heading, the prompt as a quotation, the answer, a line for each tool call. */
export function turnText(turn: TranscriptTurn, {backend, hasTools, isBold = false}: TurnTextOptions): string {
  const heading = `## ${headingOf(turn, backend)}`
  const blocks = [isBold ? `\u001B[1m${heading}\u001B[22m` : heading]
  const {denials = [], error, messages, outcome = 'success'} = turn
  let tools: string[] = []
  const endTools = () => {
    if (tools.length > 0) blocks.push(tools.join('\n'))
    tools = []
  }

  for (const message of messages) {
    if (message.type === 'tool_call') {
      const result = messages.find((one) => one.type === 'tool_result' && one.call_id === message.call_id)
      if (hasTools || message.sub_agent === undefined) tools.push(toolText(message, result, hasTools))
    } else if (message.type === 'text' && (hasTools || message.sub_agent === undefined)) {
      endTools()
      const by = message.sub_agent === undefined ? '' : `${plain(message.sub_agent)}: `
      const text = by + plain(message.text).trim()
      blocks.push(message.role === 'user' ? text.replace(/^/gm, '> ') : text)
    }
  }

  endTools()
  if (denials.length > 0)
    blocks.push(
      denials.map(({target, tool}) => `- Not allowed: ${visibleLine(toolName(tool, target))}`).join('\n'),
    )
  if (outcome !== 'success') blocks.push(plain(`Ended: ${outcome}.${error === undefined ? '' : ` ${error}`}`))
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n\n`
}

/** `Turn 2, 2026-05-01T12:00:00Z, claude (claude-opus-4-8)`, on one line. */
export function headingOf({messages, number, startedAt}: TranscriptTurn, backend: string): string {
  const model = messages.findLast(
    (message) => message.model !== undefined && message.sub_agent === undefined,
  )?.model
  const time = new Date(startedAt).toISOString().slice(0, 19)
  return visibleLine(
    `Turn ${formatNumber(number)}, ${time}Z, ${backend}${model === undefined ? '' : ` (${model})`}`,
  )
}

/** Text of which nothing but line breaks and tabs reaches a terminal as it is; colours neither. */
export function plain(text: string): string {
  return text.replaceAll('\r\n', '\n').replace(/[^\n\t]+/g, visibleLine)
}

/** The name of a tool and what it works on. */
export function toolName(name: string, target: string | undefined): string {
  return target === undefined || target === '' ? name : `${name}: ${target}`
}

/** What a tool was given: a text as it is, all else as JSON. */
export function inputText(input: unknown): string {
  if (typeof input === 'string') return input
  if (input === undefined) return ''
  try {
    return JSON.stringify(input, undefined, 2)
  } catch {
    return '[nested too deeply to be shown]'
  }
}

function toolText(
  {input, name, sub_agent, target}: Message & {type: 'tool_call'},
  result: Message | undefined,
  hasTools: boolean,
): string {
  const hasFailed = result?.type === 'tool_result' && result.is_error
  const by = sub_agent === undefined ? '' : `${sub_agent}: `
  const line = `- ${visibleLine(by + toolName(name, target))}${hasFailed ? ' (failed)' : ''}`
  if (!hasTools) return line
  const output = result?.type === 'tool_result' ? result.output : ''
  const blocks = [inputText(input), output].filter((text) => text.trim() !== '')
  // Below an item of a list, six blanks make code of it.
  const indented = blocks.map((text) =>
    plain(text)
      .trimEnd()
      .replace(/^(?=.)/gm, '      '),
  )
  return [line, ...indented].join('\n\n') + (blocks.length > 0 ? '\n' : '')
}
