/** How the process was before the backend was at work, and after. */
export interface Surroundings {
  readonly before: Readonly<Record<string, string>>
  readonly after: Readonly<Record<string, string>>
  /** What it has left running. */
  readonly left: readonly string[]
}

/** What a backend must leave as it is. */
export function lookAround(): {state: Record<string, string>; resources: string[]} {
  const events = process.eventNames().map((name) => `${String(name)} ${process.listenerCount(name)}`)
  return {
    state: {
      'the environment': JSON.stringify(Object.entries(process.env).sort()),
      'the directory': process.cwd(),
      'the listeners of the process': events.sort().join(', '),
      'the global names': Object.getOwnPropertyNames(globalThis).sort().join(' '),
      'the exit code': String(process.exitCode),
    },
    resources: process.getActiveResourcesInfo().filter((name) => !PASSING.has(name)),
  }
}

/** Of the process itself: its channel to its parent, its standard streams, a promise under way. */
const PASSING: ReadonlySet<string> = new Set([
  'FSReqPromise',
  'FSReqCallback',
  'PipeWrap',
  'TTYWrap',
  'Immediate',
  'MessagePort',
  'TickObject',
])
