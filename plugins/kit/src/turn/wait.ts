import {setTimeout as sleep} from 'node:timers/promises'
import {exitCode} from '../errors/failure.js'
import {formatDuration} from '../format/time.js'
import type {Interrupts} from '../io.js'
import type {TurnOutput} from './context.js'
import type {TurnResult} from './result.js'

/** An agent that has reached a limit. */
export interface Limited {
  readonly title: string
  readonly result: TurnResult
  /** When the limit ends, as the agent says; like `notBefore` in milliseconds since 1970. */
  readonly resetsAt?: number
  /** When it is asked again, at the earliest, whatever it says. */
  readonly notBefore: number
}

/** `limitsBefore`: how often it has reached its limit directly before. */
export function limited(title: string, result: TurnResult, limitsBefore: number): Limited {
  const resetsAt = Date.parse(result.error?.resets_at ?? '')
  const isTold = !Number.isNaN(resetsAt)
  // An agent that says "now", or a time that has passed, and then refuses again is not asked without end.
  const pauses = isTold ? [0, ...PAUSES] : PAUSES
  const pause = pauses[Math.min(limitsBefore, pauses.length - 1)]!
  return {title, result, resetsAt: isTold ? resetsAt : undefined, notBefore: Date.now() + pause}
}

/** When it may be asked again. */
export function retryAt({notBefore, resetsAt = 0}: Limited): number {
  return Math.max(resetsAt, notBefore)
}

/** Waits for limits to end, for `max` milliseconds in all. */
export class Wait {
  #left: number

  constructor(
    readonly max: number,
    readonly output: TurnOutput,
    readonly interrupts: Interrupts,
  ) {
    this.#left = max
  }

  /** Resolves when the limit should be over; with the result of the turn where it is not waited for, or no longer. */
  async for({notBefore, result, title, resetsAt}: Limited): Promise<TurnResult | undefined> {
    const {message = '', hints = []} = result.error ?? {}
    const now = Date.now()
    const untilTold = Math.max(0, (resetsAt ?? 0) - now)
    if (untilTold > this.#left || this.#left === 0) {
      const max = `--wait-for-reset ${formatDuration(this.max)} allows`
      const isLater = untilTold > this.max
      const hint = isLater
        ? `That is later than ${max}, so clinvk did not wait for it.`
        : `clinvk waited for as long as ${max}.`
      return {...result, error: {...result.error!, hints: [hint, ...hints]}}
    }

    const ms = Math.max(untilTold, Math.min(notBefore - now, this.#left))
    const what =
      resetsAt === undefined ? `before ${title} is asked again` : `until the limit of ${title} ends`
    this.output.notice(`Waiting ${formatDuration(ms)} ${what}: ${message}`)
    this.#left -= Math.max(0, ms)
    if (await this.#sleep(now + ms + Math.random() * Math.min(ms / 10, LONGEST_JITTER))) return undefined
    const {session_id: session} = result
    const resume =
      session && `The session is kept. Resume it: clinvk resume ${session.slice(0, 8)} "continue"`
    return {
      ...result,
      outcome: 'cancelled',
      error: {
        kind: 'cancelled',
        message: `Cancelled while waiting until the limit of ${title} ends.`,
        hints: resume ? [resume] : undefined,
      },
      exit_code: exitCode('cancelled', String(this.interrupts.stop.reason)),
    }
  }

  /** False where a signal has ended it. By the clock on the wall: timers stand still while a computer sleeps. */
  async #sleep(until: number): Promise<boolean> {
    const {interrupts, output} = this
    output.waiting?.(until)
    try {
      for (let left = until - Date.now(); left > 0; left = until - Date.now())
        await sleep(Math.min(left, LONGEST_SLEEP), undefined, {signal: interrupts.stop})
      return !interrupts.stop.aborted
    } catch (error) {
      if (!interrupts.stop.aborted) throw error
      return false
    } finally {
      output.waiting?.(undefined)
    }
  }
}

/** Where it is not told when a limit ends: 5 s, 15 s, then a minute each. */
const PAUSES = [5000, 15_000, 60_000]
/** So that not all who wait for the same limit begin in the same moment. */
const LONGEST_JITTER = 5000
const LONGEST_SLEEP = 5000
