/**
 * The process in which the code of a backend runs, so that it may hang, crash
 * or exit. `run-worker.ts` starts it, for the stage `code` under Node's
 * permission model.
 */
import {readBackendPackage} from './backend-package.js'
import {Bench} from './bench.js'
import {CODE_CHECKS} from './checks.js'
import {TURN_CHECKS} from './checks/turns.js'
import {readFixtures} from './fixtures.js'
import {type CheckListener, runChecks} from './run-checks.js'
import type {WorkOrder, WorkerMessage} from './run-worker.js'
import {TurnBench} from './turn-bench.js'

const stop = new AbortController()
// Ctrl-C reaches all processes of the terminal; the parent process decides what it means.
process.on('SIGINT', () => undefined)
process.on('SIGTERM', () => stop.abort())
process.once('disconnect', () => stop.abort())
process.once('message', (order: WorkOrder) => void work(order))

async function work({backend, directory, fixtures, home, ids, stage}: WorkOrder): Promise<void> {
  const {backends} = await readBackendPackage(directory)
  const parts = [backends.get(backend)!, await readFixtures(fixtures, backend)] as const
  const listener: CheckListener = {
    onBegin: ({id}) => tell({begins: id}),
    onResult: (result) => tell({result}),
    stop: stop.signal,
  }
  if (stage === 'code') await runChecks(CODE_CHECKS, new Bench(...parts), ids, listener)
  else
    await runChecks(TURN_CHECKS, new TurnBench(...parts, home, stop.signal), ids, {...listener, atATime: 3})
  // Ends also when the backend has left something running.
  process.exit(0)
}

function tell(message: WorkerMessage): Promise<void> {
  return new Promise((resolve) => {
    if (process.connected) process.send!(message, () => resolve())
    else resolve()
  })
}
