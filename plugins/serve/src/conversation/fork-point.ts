import type {History} from 'clinvk-kit/for-plugins/history'
import {isFailure} from 'clinvk-kit/errors/failure'
import type {SessionData} from 'clinvk-kit/for-plugins/sessions'
import {messageHash} from './hashes.js'

/**
 * The number by which `fork --at` knows a turn of a session. In a fork, and where the agent was used without clinvk,
 * the conversation has more turns than the session; so turns are counted from the end, and the one is taken whose answer
 * it is. Undefined where there is none.
 */
export async function forkPoint(
  {id, turn_count: count}: SessionData,
  turn: number,
  answer: string | undefined,
  {history}: {readonly history: History},
): Promise<number | undefined> {
  const answers = await answersOf(id, history)
  const expected = Math.max(0, ...answers.keys()) - ((typeof count === 'number' ? count : 0) - turn)
  if (answer === undefined) return answers.has(expected) ? expected : undefined
  const same = [...answers].flatMap(([at, text]) =>
    messageHash({role: 'assistant', text}) === answer ? [at] : [],
  )
  return same.sort((a, b) => Math.abs(a - expected) - Math.abs(b - expected))[0]
}

/** What the agent has said in each turn; none where nothing can be read. */
async function answersOf(id: string, history: History): Promise<Map<number, string>> {
  const answers = new Map<number, string>()
  try {
    for (const {role, sub_agent: subAgent, text, turn, type} of (await history.log(id)).messages) {
      if (typeof turn !== 'number') continue
      const isAnswer = type === 'text' && role === 'assistant' && subAgent === undefined
      answers.set(turn, (answers.get(turn) ?? '') + (isAnswer ? String(text) : ''))
    }
  } catch (error) {
    if (!isFailure(error)) throw error
  }
  return answers
}
