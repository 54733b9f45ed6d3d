import {fork} from 'node:child_process'
import {fileURLToPath} from 'node:url'
import type {CheckResult} from './report.js'
import type {Stage} from './checks.js'

/** What a worker is to do. */
export interface WorkOrder {
  readonly directory: string
  readonly backend: string
  /** Directory of the fixtures. */
  readonly fixtures: string
  readonly stage: Exclude<Stage, 'package'>
  readonly ids: readonly string[]
}

export type WorkerMessage = {readonly begins: string} | {readonly result: CheckResult}

export interface WorkerOptions {
  /** Home of the worker: a directory that holds nothing else. */
  readonly home: string
  readonly stop: AbortSignal
  /** Milliseconds after which a check that tells nothing has hung. */
  readonly patience: number
  readonly onBegin: (id: string) => void
  readonly onResult: (result: CheckResult) => void
}

/**
 * Runs the checks of an order in a process of their own. Tells how it ended,
 * and which of them were under way then, because it crashed or hung.
 */
export async function runWorker(
  order: WorkOrder,
  {home, onBegin, onResult, patience, stop}: WorkerOptions,
): Promise<{underWay: string[]; how: string}> {
  const worker = fork(WORKER, {
    // Nothing of the user's: neither home nor account.
    env: {...passedOn(), HOME: home, USERPROFILE: home, TMPDIR: home, LANG: 'C.UTF-8'},
    execArgv: [],
    cwd: home,
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  let said = ''
  worker.stderr!.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-KEPT)
  })
  const underWay = new Set<string>()
  const state = {hung: false}
  let waiting: NodeJS.Timeout | undefined
  const wait = () => {
    clearTimeout(waiting)
    waiting = setTimeout(() => {
      state.hung = true
      worker.kill('SIGKILL')
    }, patience)
  }

  const end = () => {
    worker.kill('SIGTERM')
    // It has the time that an agent is given; a backend in a loop hears no signal.
    setTimeout(() => worker.kill('SIGKILL'), END_MS).unref()
  }

  wait()
  worker.on('message', (message: WorkerMessage) => {
    wait()
    if ('begins' in message) {
      underWay.add(message.begins)
      onBegin(message.begins)
    } else {
      underWay.delete(message.result.id)
      onResult(message.result)
    }
  })
  stop.addEventListener('abort', end, {once: true})
  try {
    const how = await new Promise<string>((resolve) => {
      worker.once('error', (error) => resolve(error.message))
      worker.once('close', (code, signal) => {
        const ended = signal === null ? `with exit code ${code}` : `by signal ${signal}`
        const error = /^\w*Error.*$/m.exec(said)?.[0]
        resolve(`The process that ran it ended ${ended}.${error === undefined ? '' : ` ${error}`}`)
      })
      worker.send(order)
    })
    const seconds = patience / 1000
    return {
      underWay: [...underWay],
      how: state.hung ? `It did not come to an end within ${seconds} seconds.` : how,
    }
  } finally {
    clearTimeout(waiting)
    stop.removeEventListener('abort', end)
  }
}

function passedOn(): NodeJS.ProcessEnv {
  const names = ['PATH', 'SystemRoot', 'ComSpec', 'PATHEXT']
  return Object.fromEntries(
    names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  )
}

const WORKER = fileURLToPath(new URL('worker.js', import.meta.url))
const KEPT = 4096
const END_MS = 8000
