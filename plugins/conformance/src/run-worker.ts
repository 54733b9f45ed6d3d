import {dirname, join} from 'node:path'
import {realpathSync} from 'node:fs'
import {fileURLToPath} from 'node:url'
import {execaNode} from 'execa'
import type {CheckResult} from './report.js'

export interface WorkOrder {
  readonly directory: string
  readonly backend: string
  /** Directory of the fixtures. */
  readonly fixtures: string
  readonly stage: 'code' | 'turns'
  readonly ids: readonly string[]
  /** An empty directory: the home of the worker. */
  readonly home: string
}

export type WorkerMessage = {readonly begins: string} | {readonly result: CheckResult}

export interface WorkerOptions {
  readonly stop: AbortSignal
  /** Milliseconds that a check may take. */
  readonly timeout: number
  readonly onBegin: (id: string) => void
  readonly onResult: (result: CheckResult) => void
}

/**
 * Runs checks in a process of their own. Returns how the process ended, and
 * the checks that were running then, because it crashed or was killed.
 */
export async function runWorker(
  order: WorkOrder,
  {onBegin, onResult, stop, timeout}: WorkerOptions,
): Promise<{unfinished: ReadonlySet<string>; ending: string}> {
  const {home, stage} = order
  const worker = execaNode(WORKER, {
    nodeOptions: stage === 'code' ? permissions(order) : [],
    // Nothing of the user's home, account and environment.
    extendEnv: false,
    env: {
      PATH: process.env.PATH,
      SystemRoot: process.env.SystemRoot,
      HOME: home,
      USERPROFILE: home,
      TMPDIR: home,
    },
    cwd: home,
    stdin: 'ignore',
    stdout: 'ignore',
    buffer: {ipc: false},
    ipc: true,
    reject: false,
    cancelSignal: stop,
    // The agents that it runs are ended first. A backend in a loop notices no signal.
    forceKillAfterDelay: KILL_DELAY_MS,
  })
  const unfinished = new Set<string>()
  const state = {isLate: false}
  const kill = () => {
    state.isLate = true
    worker.kill('SIGKILL')
  }

  let timer = setTimeout(kill, timeout)
  try {
    await worker.sendMessage({...order})
    for await (const message of worker.getEachMessage() as AsyncIterable<WorkerMessage>) {
      clearTimeout(timer)
      timer = setTimeout(kill, timeout)
      if ('begins' in message) {
        unfinished.add(message.begins)
        onBegin(message.begins)
      } else {
        unfinished.delete(message.result.id)
        onResult(message.result)
      }
    }
  } catch {
    // The process has ended, and its result says how.
  } finally {
    clearTimeout(timer)
  }

  const {exitCode, signal, stderr} = await worker
  if (state.isLate) return {unfinished, ending: `It did not end within ${timeout / 1000} seconds.`}
  const how = signal === undefined ? `with exit code ${exitCode}` : `by signal ${signal}`
  const error = /^\w*Error.*$/m.exec(stderr)?.[0] ?? ''
  return {unfinished, ending: `Its process ended ${how}. ${error}`.trim()}
}

/** Node's permission model: the worker may read the code of clinvk, of the backend and their packages, and nothing else. */
function permissions({directory, fixtures}: WorkOrder): string[] {
  const {allowedNodeEnvironmentFlags: flags} = process
  const places = [directory, realpathSync(directory), fixtures, join(dirname(WORKER), '../..')]
  const readable = new Set([...places, ...places.flatMap((place) => nodeModulesAbove(place))])
  return [
    flags.has('--permission') ? '--permission' : '--experimental-permission',
    '--no-warnings',
    ...[...readable].map((place) => `--allow-fs-read=${join(place, '*')}`),
  ]
}

function nodeModulesAbove(place: string): string[] {
  const above = dirname(place)
  return [join(place, 'node_modules'), ...(above === place ? [] : nodeModulesAbove(above))]
}

const WORKER = fileURLToPath(new URL('worker.js', import.meta.url))
const KILL_DELAY_MS = 8000
