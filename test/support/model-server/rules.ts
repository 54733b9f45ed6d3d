import type {Conversation} from './call.js'
import {matches} from './matches.js'
import type {Reply} from './reply.js'
import {stepIndex} from './step-index.js'

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
