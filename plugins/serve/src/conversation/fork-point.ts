import type {History} from 'clinvk-kit/for-plugins/history'
import {isFailure} from 'clinvk-kit/errors/failure'
import {messageHash} from './hashes.js'

/**
 * The number by which `fork --at` knows a turn of a session. In a fork, and where the agent was used without clinvk,
 * the conversation has more turns than the session; so turns are counted from the end, and the one is taken whose answer
 * it is. Undefined where there is none.
 */
export async function forkPoint(
  {id, turn_count: count}: {readonly id: string; readonly turn_count?: unknown},
  turn: number,
  answer: string | undefined,
  {history}: {readonly history: History},
): Promise<number | undefined> {
  const later = (typeof count === 'number' ? count : 0) - turn
  const answers = await answersOf(id, later + SPARE_TURNS, history)
  const expected = Math.max(0, ...answers.keys()) - later
  if (answer === undefined) return answers.has(expected) ? expected : undefined
  const same = [...answers].flatMap(([at, text]) =>
    messageHash({role: 'assistant', text}) === answer ? [at] : [],
  )
  return same.sort((a, b) => Math.abs(a - expected) - Math.abs(b - expected))[0]
}

/** What the agent has said in each of the last turns; none where nothing can be read. */
async function answersOf(id: string, last: number, history: History): Promise<Map<number, string>> {
  const answers = new Map<number, string>()
  try {
    const {messages} = await history.log(id, {last, limit: MOST_MESSAGES})
    for (const {role, sub_agent: subAgent, text, turn, type} of messages) {
      if (typeof turn !== 'number') continue
      const isAnswer = type === 'text' && role === 'assistant' && subAgent === undefined
      answers.set(turn, (answers.get(turn) ?? '') + (isAnswer ? String(text) : ''))
    }
  } catch (error) {
    if (!isFailure(error)) throw error
  }
  return answers
}

/** Turns that the user may have added in the agent itself, and one that runs. */
const SPARE_TURNS = 10
const MOST_MESSAGES = 10_000
