import type {CallToolResult} from '@modelcontextprotocol/server'
import {isFailure} from 'clinvk-kit/errors/failure'

/** What a tool answers: one JSON object, as text. */
export interface Answer {
  readonly data: Readonly<Record<string, unknown>>
  /** Whether the agent that asked should know at once that it has not got what it wanted. */
  readonly isError?: boolean
}

export function toolResult({data, isError = false}: Answer): CallToolResult {
  return {content: [{type: 'text', text: JSON.stringify(data)}], ...(isError && {isError})}
}

/** A failure as a sentence with what to do next. Throws what is a bug of clinvk. */
export function failureResult(error: unknown): CallToolResult {
  if (!isFailure(error)) throw error
  return {content: [{type: 'text', text: [error.message, ...error.hints].join('\n')}], isError: true}
}

/** The beginning of a text, at most this many units of UTF-16, and no half of a character. */
export function beginning(text: string, length: number): string {
  if (text.length <= length) return text
  const isHalf = text.charCodeAt(length - 1) >> 10 === 0xd800 >> 10
  return text.slice(0, isHalf ? length - 1 : length)
}

/** As many of these, from the first one on, as an answer has room for. */
export function fitting<Item>(items: readonly Item[], length = ANSWER_LENGTH): Item[] {
  let left = length
  const first = items.findIndex((item) => (left -= JSON.stringify(item).length) < 0)
  return first === -1 ? [...items] : items.slice(0, first)
}

/** What is worth a client's context: some 5,000 tokens. */
export const ANSWER_LENGTH = 20_000
