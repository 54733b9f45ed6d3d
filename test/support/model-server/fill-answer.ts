import type {ModelCall, Turn} from './call.js'
import {defaultAnswer} from './default-answer.js'
import type {Answer} from './dialect.js'
import type {BrokenReply, PlainReply, Usage} from './reply.js'

/** The answer to a call with everything filled in that the reply leaves open. */
export function fillAnswer(reply: PlainReply | BrokenReply, call: ModelCall): Answer {
  const text = 'empty' in reply ? undefined : textOf(reply, call)
  const answer = {
    model: call.model,
    toolCalls: call.wanted === undefined ? (reply.tools ?? []) : [],
    chunks: reply.chunks ?? 4,
    ...(text !== undefined && {text}),
    ...(reply.thinking !== undefined && {thinking: reply.thinking}),
    ...(reply.stop !== undefined && {stop: reply.stop}),
  }
  return {...answer, usage: {...defaultUsage(answer, call), ...reply.usage}}
}

function textOf(reply: PlainReply | BrokenReply, call: ModelCall): string | undefined {
  return call.wanted === undefined ? (reply.text ?? ownText(reply, call)) : JSON.stringify(call.wanted)
}

// The faults of a stream come after its first text, so a broken answer always has some.
function ownText(reply: PlainReply | BrokenReply, call: ModelCall): string | undefined {
  const broken = 'hang' in reply || 'cut' in reply || 'malformed' in reply || 'sseError' in reply
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
