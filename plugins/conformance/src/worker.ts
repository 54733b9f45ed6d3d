/**
 * The process in which the code of a backend runs, under Node's permission model, so
 * that it may hang, crash or exit. `test-backend.ts` starts it.
 */
import {readBackendPackage} from './backend-package.js'
import {Bench} from './bench.js'
import {runChecks} from './checks.js'
import {readFixtures} from './fixtures.js'
import {SideEffects} from './side-effects.js'

export interface WorkOrder {
  readonly directory: string
  readonly backend: string
  /** Directory of the fixtures. */
  readonly fixtures: string
  readonly ids: readonly string[]
}

// The clock stands still, so that the same output gives the same times.
const NOW = Date.now()
globalThis.Date = class extends Date {
  constructor(...given: [number]) {
    super(...((given.length as number) === 0 ? ([NOW] as [number]) : given))
  }

  static override now = () => NOW
} as DateConstructor

const exit = process.exit.bind(process)
// Ctrl-C reaches all processes of the terminal; the parent process decides what it means.
process.on('SIGINT', () => undefined)
process.once('disconnect', () => exit())
process.once('message', (order: WorkOrder) => void work(order))

async function work({backend, directory, fixtures, ids}: WorkOrder): Promise<void> {
  const pack = await readBackendPackage(directory)
  const bench = new Bench(pack, backend, await readFixtures(fixtures, backend), new SideEffects(pack.root))
  for await (const message of runChecks(bench, ids)) process.send!(message)
  // Ends also when the backend has left something running.
  process.disconnect()
}
