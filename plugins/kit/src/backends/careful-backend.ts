import type {Backend} from 'clinvk-contract'
import {Failure} from '../failure.js'
import {oneLine} from '../format/one-line.js'
import {messageOf} from '../message-of.js'
import {within} from '../within.js'
import {carefulReader} from './careful-reader.js'
import {
  flawOfForgotten,
  flawOfPlan,
  flawOfProgram,
  flawOfQuestions,
  flawOfReader,
  flawOfRecord,
} from './flaw-of-answer.js'
import type {Origin} from './load-backend.js'
import {whoseFault} from './whose-fault.js'

/**
 * A backend whose answers can be relied on: whatever a part of it throws, gives
 * back or waits for, the caller gets what the contract says, or a Failure of kind
 * `unavailable` that names the plugin. Verdicts are not looked at (`soundVerdict`).
 */
export function carefulBackend(backend: Backend, origin: Origin): Backend {
  const care = new Care(backend, origin)
  return {
    plan: (turn, host) =>
      care.now(
        'plan',
        () => backend.plan(turn, host),
        (plan) => flawOfPlan(plan, host.scratch),
      ),
    reader: (turn) =>
      carefulReader(
        care.now('reader', () => backend.reader(turn), flawOfReader),
        origin.name,
      ),
    ...care.part('settle', (...given) => care.soon('settle', () => backend.settle!(...given))),
    ...care.part('stopSignal', (turn) =>
      care.now(
        'stopSignal',
        () => backend.stopSignal!(turn),
        (signal) =>
          signal === 'SIGINT' || signal === 'SIGTERM' ? undefined : 'it gives neither SIGINT nor SIGTERM',
      ),
    ),
    ...care.part('interactive', (...wish) =>
      care.now(
        'interactive',
        () => backend.interactive!(...wish),
        (program) => flawOfProgram(program, true),
      ),
    ),
    ...care.part('tidy', (...given) => care.soon('tidy', () => backend.tidy!(...given))),
    ...care.part('record', (...given) => care.soon('record', () => backend.record!(...given), flawOfRecord)),
    ...care.part('forget', (conversation, files) =>
      care.soon('forget', () => backend.forget!(conversation, files), flawOfForgotten),
    ),
    ...care.part('deleteCommand', (conversation) =>
      care.now(
        'deleteCommand',
        () => backend.deleteCommand!(conversation),
        (program) => flawOfProgram(program),
      ),
    ),
    ...care.part('probe', (host) => care.now('probe', () => backend.probe!(host), flawOfQuestions)),
  }
}

class Care {
  readonly #backend: Backend
  readonly #origin: Origin

  constructor(backend: Backend, origin: Origin) {
    this.#backend = backend
    this.#origin = origin
  }

  /** An optional part, where the backend has it. */
  part<Name extends keyof Backend>(
    name: Name,
    careful: NonNullable<Backend[Name]>,
  ): Partial<Pick<Backend, Name>> {
    const given: unknown = this.#backend[name]
    if (given === undefined || given === null) return {}
    if (typeof given === 'function') return {[name]: careful} as unknown as Pick<Backend, Name>
    throw this.#failure(name, 'it is no function')
  }

  now<T>(name: string, work: () => T, flawOf: (answer: unknown) => string | undefined): T {
    let answer
    try {
      answer = work()
    } catch (error) {
      throw this.#failure(name, oneLine(messageOf(error)), error)
    }

    const flaw = flawOf(answer)
    if (flaw === undefined) return answer
    throw this.#failure(name, flaw)
  }

  async soon<T>(
    name: string,
    work: () => Promise<T>,
    flawOf: (answer: unknown) => string | undefined = () => undefined,
  ): Promise<T> {
    let answer
    try {
      answer = await within(PATIENCE_MS, work(), `it is not done after ${PATIENCE_MS / 1000} s`)
    } catch (error) {
      throw this.#failure(name, oneLine(messageOf(error)), error)
    }

    const flaw = flawOf(answer)
    if (flaw === undefined) return answer
    throw this.#failure(name, flaw)
  }

  #failure(part: string, message: string, cause?: unknown): Failure {
    const {name} = this.#origin
    return new Failure(
      'unavailable',
      `The backend ${name} fails in its ${part}: ${message}`,
      [whoseFault(this.#origin)],
      {cause},
    )
  }
}

/** For work on the agent's files, and questions to the agent itself, in milliseconds. */
const PATIENCE_MS = 60_000
