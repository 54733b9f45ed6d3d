import type {Conversation, Reply, Turn} from './types.js'

/** The script of the model: which reply a call gets. */
export class Rules {
  #rules: {match: string | RegExp; steps: Reply[]}[] = []
  #otherwise: Reply = {}
  #failures = new Map<Reply, Map<string, number>>()

  when(match: string | RegExp, steps: Reply[]): void {
    this.#rules.unshift({match, steps})
  }

  otherwise(reply: Reply): void {
    this.#otherwise = reply
  }

  reset(): void {
    this.#rules = []
    this.#otherwise = {}
    this.#failures.clear()
  }

  /** The reply to a call with this last prompt. Counts the call where the reply fails only some times. */
  choose(prompt: string, {turns}: Conversation): Reply {
    const rule = this.#rules.find(({match}) => matches(match, prompt))
    const reply = rule ? (rule.steps[stepIndex(turns)] ?? {text: 'done'}) : this.#otherwise
    return this.#afterFailures(prompt, reply)
  }

  #afterFailures(prompt: string, reply: Reply): Reply {
    if (!('failTimes' in reply) || reply.failTimes === undefined) return reply
    const counts = this.#failures.get(reply) ?? new Map<string, number>()
    this.#failures.set(reply, counts)
    const failures = (counts.get(prompt) ?? 0) + 1
    counts.set(prompt, failures)
    return failures > reply.failTimes ? this.#afterFailures(prompt, reply.then ?? {}) : reply
  }
}

/**
 * How many answers the model has given since the last prompt. Read from the conversation alone, so that it is right
 * when another process of the agent goes on with it. Assistant turns side by side are one answer.
 */
function stepIndex(turns: readonly Turn[]): number {
  const since = turns.slice(turns.findLastIndex((turn) => turn.prompts.length > 0) + 1)
  return since.filter((turn, index) => turn.role === 'assistant' && since[index - 1]?.role !== 'assistant')
    .length
}

/** Does `text` contain `match`? (`search`, because `test` remembers where a global expression was.) */
export function matches(match: string | RegExp, text: string): boolean {
  return typeof match === 'string' ? text.includes(match) : text.search(match) >= 0
}
