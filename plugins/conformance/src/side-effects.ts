/**
 * Watches a process for what no backend may do in it, as long as it lives. Node's
 * permission model denies files and other processes; the rest is watched here.
 */
export class SideEffects {
  readonly #calls = new Set<string>()
  readonly #before: readonly string[]

  /** `root`: of the package; a call is reported with the place in its code. */
  constructor(root: string) {
    const note = (name: string) => {
      const at = new Error().stack?.split('\n').find((line) => line.includes(root))
      this.#calls.add(`${name} was called${at === undefined ? '' : ` ${at.trim()}`}`)
    }

    for (const [owner, name] of FORBIDDEN) {
      // Not an arrow function: some of these are called with `new`.
      const value = function () {
        note(name)
        if (name === 'write') return true
        throw Object.assign(new Error(`${name} is not allowed in a backend.`), {kind: 'forbidden'})
      }

      Object.defineProperty(owner, name, {value, configurable: true, writable: true})
    }

    this.#before = stateOfProcess()
  }

  /** What was called, changed or left running so far, for people. */
  found(): string[] {
    const after = stateOfProcess()
    const running = process.getActiveResourcesInfo().filter((name) => !OF_NODE.test(name))
    return [
      ...this.#calls,
      ...after.filter((one) => !this.#before.includes(one)).map((one) => `new: ${one}`),
      ...this.#before.filter((one) => !after.includes(one)).map((one) => `gone: ${one}`),
      ...[...new Set(running)].map((name) => `${name} was left running`),
    ]
  }
}

function stateOfProcess(): string[] {
  return [
    ...Object.entries(process.env).map(([name, value]) => `the variable ${name}=${value}`),
    ...process.eventNames().map((name) => `listeners to ${String(name)}: ${process.listenerCount(name)}`),
    ...Object.getOwnPropertyNames(globalThis).map((name) => `the global name ${name}`),
    `the directory ${process.cwd()}`,
    `the exit code ${process.exitCode}`,
  ]
}

const FORBIDDEN: readonly (readonly [owner: object, name: string])[] = [
  ...['fetch', 'WebSocket', 'EventSource'].map((name) => [globalThis, name] as const),
  ...['exit', 'abort', 'kill', 'chdir'].map((name) => [process, name] as const),
  [process.stdout, 'write'],
  [process.stderr, 'write'],
]
/** Reading of our own, the channel to the parent process, the standard streams. */
const OF_NODE = /^(?:FSReq|CloseReq|PipeWrap|TTYWrap|Immediate|MessagePort|TickObject)/
