/** The signals by which a user ends a turn. */
export interface Interrupts {
  /** Aborts at the first one; its reason is the signal's name. */
  readonly stop: AbortSignal
  /** Aborts at the second one: do not wait any longer. */
  readonly hurry: AbortSignal
}

/** Takes over SIGINT, SIGTERM and SIGHUP until `release` is called, so that a turn can be ended in order. */
export function listenForInterrupts(): Interrupts & {release: () => void} {
  const stop = new AbortController()
  const hurry = new AbortController()
  const onSignal = (signal: NodeJS.Signals) => {
    if (stop.signal.aborted) hurry.abort(signal)
    else stop.abort(signal)
  }

  for (const signal of SIGNALS) process.on(signal, onSignal)
  const release = () => {
    for (const signal of SIGNALS) process.off(signal, onSignal)
  }

  return {stop: stop.signal, hurry: hurry.signal, release}
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
