import {randomUUID} from 'node:crypto'
import type {Answer, BrokenReply, ModelCall, PlainReply, Turn, Usage} from './types.js'

/** The answer to a call with everything filled in that the reply leaves open. */
export function fillAnswer(reply: PlainReply | BrokenReply, call: ModelCall): Answer {
  const text = 'empty' in reply ? undefined : textOf(reply, call)
  const answer = {
    model: call.model,
    toolCalls: call.wanted === undefined ? (reply.tools ?? []) : [],
    chunks: reply.chunks ?? 4,
    ...(text !== undefined && {text}),
    ...(reply.thinking !== undefined && {thinking: reply.thinking}),
  }
  return {...answer, usage: {...defaultUsage(answer, call), ...reply.usage}}
}

function textOf(reply: PlainReply | BrokenReply, call: ModelCall): string | undefined {
  return call.wanted === undefined ? (reply.text ?? ownText(reply, call)) : JSON.stringify(call.wanted)
}

// The faults of a stream come after its first text, so a broken answer always has some.
function ownText(reply: PlainReply | BrokenReply, call: ModelCall): string | undefined {
  const broken = 'hang' in reply || 'cut' in reply || 'sseError' in reply
  return reply.tools && !broken ? undefined : defaultAnswer(call.prompts)
}

/**
 * As with a real model, what came before the last prompt is written to the cache by the first call of a
 * conversation and read from it by all others, so that a test notices when one of the kinds is left out of a sum.
 */
function defaultUsage(answer: Omit<Answer, 'usage'>, call: ModelCall): Usage {
  const last = call.turns.findLastIndex((turn) => turn.prompts.length > 0)
  const before = tokens(call.system.length + sizeOf(call.turns.slice(0, Math.max(last, 0))))
  const isFirst = !call.turns.some((turn) => turn.role === 'assistant')
  return {
    input: Math.max(1, tokens(sizeOf(call.turns.slice(Math.max(last, 0))))),
    cacheRead: isFirst ? 0 : before,
    cacheWrite: isFirst ? before : 0,
    output: Math.max(
      1,
      tokens((answer.text ?? '').length + (answer.thinking ?? '').length + jsonSize(answer.toolCalls)),
    ),
    ...(answer.thinking !== undefined && {reasoning: tokens(answer.thinking.length)}),
  }
}

const tokens = (characters: number) => Math.ceil(characters / 4)
const jsonSize = (values: unknown[]) =>
  values.reduce<number>((sum, value) => sum + JSON.stringify(value).length, 0)
const sizeOf = (turns: Turn[]) =>
  turns.reduce(
    (sum, turn) => sum + turn.text.length + jsonSize(turn.toolCalls) + jsonSize(turn.toolResults),
    0,
  )

/** Says what the model was sent, so that an agent's own output proves that a conversation was resumed. */
function defaultAnswer(prompts: readonly string[]): string {
  const seen = prompts.map((prompt) => `[${cut(prompt)}]`).join(' ')
  return `You said: ${cut(prompts.at(-1) ?? '')} | turns=${prompts.length} | seen: ${seen}`
}

// A prompt of megabytes shall not come back as an answer of megabytes.
const cut = (prompt: string) => prompt.slice(0, 200)

/** At most `count` pieces of about one length, at least one (maybe empty) piece, no character torn apart. */
export function splitText(text: string, count: number): string[] {
  const size = Math.max(1, Math.ceil(text.length / count))
  const pieces: string[] = []
  let start = 0
  do {
    let end = start + size
    if (isHighSurrogate(text.charCodeAt(end - 1))) end++
    pieces.push(text.slice(start, end))
    start = end
  } while (start < text.length)
  return pieces
}

const isHighSurrogate = (code: number) => code >= 0xd8_00 && code <= 0xdb_ff

/** The sum of usages; zeros for none, and no reasoning where nobody told any. */
export function addUsage(usages: Usage[]): Usage {
  const sum: Usage = {input: 0, cacheRead: 0, cacheWrite: 0, output: 0}
  for (const usage of usages) {
    sum.input += usage.input
    sum.cacheRead += usage.cacheRead
    sum.cacheWrite += usage.cacheWrite
    sum.output += usage.output
    if (usage.reasoning !== undefined) sum.reasoning = (sum.reasoning ?? 0) + usage.reasoning
  }
  return sum
}

export const NO_TURN: Turn = {role: 'user', text: '', prompts: [], toolCalls: [], toolResults: []}

/** What the user typed of these texts: not what stands in reminders, nor what begins like one of the agent's own. */
export function typedOf(texts: readonly string[], agentsOwn: readonly string[]): string[] {
  return texts
    .map((text) => text.replaceAll(/<system-reminder>[^]*?<\/system-reminder>/g, '').trim())
    .filter((text) => text !== '' && !agentsOwn.some((start) => text.startsWith(start)))
}

export const newId = () => randomUUID().replaceAll('-', '')

/** A server-sent event. */
export function sse(value: unknown, type?: string): string {
  return `${type === undefined ? '' : `event: ${type}\n`}data: ${JSON.stringify(value)}\n\n`
}
