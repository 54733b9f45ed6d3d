import type {Refusal} from 'clinvk-contract'

/** An argument of the user (`--extra`) that would change what clinvk reads, or what it sets itself. */
export function extraRefusal(agent: string, argument: string): Refusal {
  return {
    kind: 'refusal',
    option: `--extra ${argument}`,
    reason: `clinvk sets this option of ${agent} itself and reads what comes of it`,
    instead: 'Use the flag of clinvk that does it: clinvk prompt --help',
  }
}

/** Two options that contradict each other. */
export function contradiction(option: string, reason: string): Refusal {
  return {kind: 'refusal', option, reason, instead: 'Leave out one of the two.'}
}
