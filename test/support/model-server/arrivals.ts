import type {ModelCall} from './call.js'
import {matches} from './matches.js'

/** Lets tests wait for model calls instead of waiting for time to pass. */
export class Arrivals {
  #calls: readonly ModelCall[]
  #waiting = new Set<{check: () => void; fail: (error: Error) => void}>()

  constructor(calls: readonly ModelCall[]) {
    this.#calls = calls
  }

  /** The `count`-th call whose prompt contains `match`, when it is there; rejects after `ms` milliseconds. */
  wait(match: string | RegExp, count: number, ms: number): Promise<ModelCall> {
    return new Promise((resolve, reject) => {
      const finish = (settle: () => void) => {
        clearTimeout(timer)
        this.#waiting.delete(waiter)
        settle()
      }
      const check = () => {
        const call = this.#calls.filter(({prompt}) => matches(match, prompt))[count - 1]
        if (call) finish(() => resolve(call))
      }
      const fail = (error: Error) => finish(() => reject(error))
      const waiter = {check, fail}
      const timer = setTimeout(() => fail(new Error(this.#missing(match, count, `after ${ms} ms`))), ms)
      this.#waiting.add(waiter)
      check()
    })
  }

  /** To be called whenever a call has been added. */
  announce(): void {
    for (const {check} of [...this.#waiting]) check()
  }

  close(): void {
    for (const {fail} of [...this.#waiting])
      fail(new Error('the model server was closed while a test waited for a call'))
  }

  #missing(match: string | RegExp, count: number, when: string): string {
    const seen = this.#calls.map(({prompt}) => JSON.stringify(prompt.slice(0, 80))).join(', ')
    return `expected ${count} model call(s) with ${String(match)} in the prompt, ${when} there were: ${seen || 'none'}`
  }
}
