import type {DraftMessage} from 'clinvk-contract'
import {isRecord} from 'clinvk-kit/format/is-record'
import {formatNumber, oneLine} from 'clinvk-kit/format/text'
import type {Message, TranscriptTurn} from '../transcript/message.js'

/** What is carried of a conversation: its last turns, a prompt and an answer each. */
export interface Carried {
  readonly messages: readonly DraftMessage[]
  /** Prompts and answers of the whole conversation, up to the last turn that was asked for. */
  readonly total: number
  /** Of what is carried, about. */
  readonly tokens: number
  /** Characters that were cut out of the only turn that is carried. */
  readonly cut: number
  /** How many turns there are; fewer than asked for where the conversation ends before. */
  readonly turns: number
}

/**
 * Folds each turn into a prompt and an answer, in which a tool call is a sentence and reasoning is left out, and
 * leaves out the oldest turns beyond `maxTokens`. `at`: up to this turn. Memory does not grow with the conversation.
 */
export async function carry(
  turns: AsyncIterable<TranscriptTurn>,
  {at = Infinity, maxTokens}: {readonly at?: number; readonly maxTokens: number},
): Promise<Carried> {
  const kept: Pair[] = []
  let [tokens, total, last] = [0, 0, 0]
  for await (const turn of turns) {
    if (turn.number > at) break
    last = turn.number
    const pair = foldTurn(turn)
    if (!pair) continue
    kept.push(pair)
    total += 2
    tokens += pair.tokens
    while (tokens > maxTokens && kept.length > 1) tokens -= kept.shift()!.tokens
  }

  let cut = 0
  const [only] = kept
  if (only && tokens > maxTokens) {
    const half = Math.floor((maxTokens * BYTES_OF_TOKEN) / 2)
    const [prompt, answer] = [cutMiddle(only.prompt, half), cutMiddle(only.answer, half)]
    cut = only.prompt.length + only.answer.length - prompt.length - answer.length
    kept[0] = pairOf(only, prompt, answer)
    tokens = kept[0].tokens
  }

  return {messages: messagesOf(kept), total, tokens, cut, turns: last}
}

interface Pair {
  readonly prompt: string
  readonly answer: string
  readonly startedAt: string
  readonly endedAt: string
  readonly tokens: number
}

/** A conversation as the beginning of a prompt, for an agent that cannot be given a record. */
export function textOf(messages: readonly DraftMessage[]): string {
  const said = messages.map(({role, text}) => `${role === 'user' ? 'User' : 'Assistant'}: ${text}`)
  return `What was said before:\n\n${said.join('\n\n')}\n\nThe user continues:`
}

/** Undefined where nothing was asked and nothing said. */
function foldTurn({endedAt, messages, outcome, startedAt}: TranscriptTurn): Pair | undefined {
  const prompts: string[] = []
  const parts: string[] = []
  const calls = new Map<string, {place: number; sentence: string}>()
  for (const message of messages) {
    if (message.sub_agent !== undefined) continue
    if (message.type === 'tool_call') {
      const sentence = `Used the tool ${oneLine(message.name)}${subjectOf(message)}`
      calls.set(message.call_id, {place: parts.length, sentence})
      parts.push(`(${sentence}.)`)
    } else if (message.type === 'tool_result') {
      const call = calls.get(message.call_id)
      if (call) parts[call.place] = `(${call.sentence}${resultOf(message)})`
    } else if (message.type === 'text') (message.role === 'user' ? prompts : parts).push(message.text)
  }

  const prompt = prompts.join('\n\n').trim()
  const answer = parts.join('\n\n').trim()
  if (prompt === '' && answer === '') return undefined
  const silence = outcome === undefined || outcome === 'success' ? '(No answer.)' : `(No answer: ${outcome}.)`
  return pairOf({startedAt, endedAt}, prompt || '(No prompt.)', answer || silence)
}

function pairOf(
  {endedAt, startedAt}: Pick<Pair, 'endedAt' | 'startedAt'>,
  asked: string,
  answered: string,
): Pair {
  // A cut may leave half of a character: codex 0.169.0 throws away the line that it stands in.
  const [prompt, answer] = [Buffer.from(asked).toString(), Buffer.from(answered).toString()]
  return {startedAt, endedAt, prompt, answer, tokens: tokensOf(prompt) + tokensOf(answer)}
}

function subjectOf({input, target}: Extract<Message, {type: 'tool_call'}>): string {
  const [value, ...others] = isRecord(input) ? Object.values(input) : [input]
  const isSimple = others.length === 0 && (value === undefined || typeof value === 'string')
  const subject = target ?? (isSimple ? (value ?? '') : JSON.stringify(input))
  return subject === '' ? '' : ` on ${quoted(subject, SUBJECT_LENGTH)}`
}

function resultOf({is_error, output}: Extract<Message, {type: 'tool_result'}>): string {
  const text = quoted(output, RESULT_LENGTH)
  if (text === '``') return is_error ? ', which failed.' : '.'
  return `${is_error ? ', which failed: ' : ', which gave: '}${text}.`
}

/** One line, cut: tools may give megabytes. */
function quoted(text: string, length: number): string {
  const line = oneLine(text.slice(0, length * 2)).trim()
  const isCut = line.length > length || text.length > length * 2
  return `\`${isCut ? `${line.slice(0, length)}…` : line}\``
}

function messagesOf(pairs: readonly Pair[]): DraftMessage[] {
  let before = ''
  const later = (time: string) => (before = time > before ? time : before)
  return pairs.flatMap(({answer, endedAt, prompt, startedAt}) => [
    {role: 'user' as const, text: prompt, at: later(startedAt)},
    {role: 'assistant' as const, text: answer, at: later(endedAt)},
  ])
}

function tokensOf(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / BYTES_OF_TOKEN)
}

/** The beginning and the end of a text that has more bytes. */
function cutMiddle(text: string, bytes: number): string {
  if (Buffer.byteLength(text) <= bytes) return text
  const length = Math.floor((text.length * bytes) / Buffer.byteLength(text) / 2)
  const cut = text.length - 2 * length
  return `${text.slice(0, length)}\n\n(${formatNumber(cut)} characters are left out here.)\n\n${text.slice(text.length - length)}`
}

const BYTES_OF_TOKEN = 4
const SUBJECT_LENGTH = 200
const RESULT_LENGTH = 400
