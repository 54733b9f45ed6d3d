/**
 * The process in which the code of a backend runs: it may hang, crash or end,
 * and the report is still written. Talks with `run-worker.ts`.
 */
import {realpathSync} from 'node:fs'
import {dirname} from 'node:path'
import {readBackendPackage} from './backend-package.js'
import {Bench} from './bench.js'
import {CODE_CHECKS} from './checks.js'
import {REPLAY_CHECKS} from './checks/replay.js'
import {readFixtures} from './fixtures.js'
import {footingOf} from './footing.js'
import {Guard} from './guard.js'
import {startRecording} from './recorded-imports.js'
import type {CheckResult} from './report.js'
import {runCheck} from './run-check.js'
import type {WorkOrder, WorkerMessage} from './run-worker.js'

const stop = new AbortController()
// A Ctrl-C reaches all processes of the terminal; the one that started this decides what it means.
process.on('SIGINT', () => undefined)
process.on('SIGTERM', () => stop.abort())
process.once('disconnect', () => stop.abort())
process.once('message', (order: WorkOrder) => void work(order))

async function work({backend, directory, fixtures, ids, stage}: WorkOrder): Promise<void> {
  const isWatched = stage === 'code'
  const {backends, root} = await readBackendPackage(directory)
  const real = realpathSync(root)
  const guard = new Guard([root, real, dirname(import.meta.dirname)])
  const bench = new Bench({
    entry: backends.get(backend)!,
    fixtures: await readFixtures(fixtures, backend),
    guard,
    home: process.env.HOME!,
    stop: stop.signal,
    ...(isWatched ? {importsOf: startRecording()} : {}),
  })
  // All that the checks need from the disk is loaded by now: from here on the guard may watch.
  if (isWatched) guard.install()
  const isLoaded = await bench.load().then(
    () => true,
    () => false,
  )
  const footing = isLoaded ? footingOf(bench) : () => 'The module does not load.'
  const chosen = (isWatched ? CODE_CHECKS : REPLAY_CHECKS).filter(({id}) => ids.includes(id))
  const one = async (check: (typeof chosen)[number]) => {
    await tell({begins: check.id})
    const reason = LOADING.has(check.id) ? undefined : footing(check.id)
    const result: CheckResult =
      reason === undefined
        ? await runCheck(check, bench)
        : {id: check.id, title: check.title, state: 'not_applicable', reason}
    await tell({result})
  }

  if (isWatched) for (const check of chosen) await one(check)
  else await side(chosen, one)
  // Whatever the backend has left running, the work is done and told.
  process.exit(0)
}

/** Some at a time: most of a replay is waiting. */
async function side<T>(all: readonly T[], run: (one: T) => Promise<void>): Promise<void> {
  const waiting = [...all]
  const next = async () => {
    for (let one = waiting.pop(); one !== undefined && !stop.signal.aborted; one = waiting.pop())
      await run(one)
  }

  await Promise.all(Array.from({length: AT_A_TIME}, next))
}

function tell(message: WorkerMessage): Promise<void> {
  return new Promise((resolve) => {
    if (process.connected) process.send!(message, () => resolve())
    else resolve()
  })
}

const LOADING: ReadonlySet<string> = new Set([
  'module-loads',
  'imports-nothing-of-clinvk',
  'no-network',
  'no-processes',
  'no-writes',
  'no-reads',
  'prints-nothing',
  'process-untouched',
])
const AT_A_TIME = 3
