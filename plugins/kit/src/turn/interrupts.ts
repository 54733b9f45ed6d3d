import {setMaxListeners} from 'node:events'

/** The signals by which a user ends a turn. */
export interface Interrupts {
  /** Aborts at the first one; its reason is the signal's name. */
  readonly stop: AbortSignal
  /** Aborts at the second one: do not wait any longer. */
  readonly hurry: AbortSignal
}

/**
 * Takes over SIGINT, SIGTERM and SIGHUP for the rest of the process, so that a
 * turn is ended in order. With `once` a library that watches signals would find no other listener left and end the process at once.
 */
export function listenForInterrupts(): Interrupts {
  const stop = new AbortController()
  const hurry = new AbortController()
  // Each turn of a run listens, and Node takes more than ten for a leak.
  setMaxListeners(0, stop.signal, hurry.signal)
  const onSignal = (signal: NodeJS.Signals) => {
    if (stop.signal.aborted) hurry.abort(signal)
    else stop.abort(signal)
  }

  for (const signal of SIGNALS) process.on(signal, onSignal)
  return {stop: stop.signal, hurry: hurry.signal}
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
