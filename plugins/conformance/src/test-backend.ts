import {realpathSync} from 'node:fs'
import {mkdtemp, realpath, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {execaNode} from 'execa'
import type {BackendPackage} from './backend-package.js'
import {type CheckResult, type ConformanceReport, countsOf} from './check.js'
import {type CheckMessage, CHECKS} from './checks.js'
import {readFixtures} from './fixtures.js'
import type {WorkOrder} from './worker.js'

export interface TestOptions {
  /** Directory of the fixtures. Default: `fixtures` in the package. */
  readonly fixtures?: string
  /** Runs only these checks, by their ids. */
  readonly only?: readonly string[]
  readonly stop?: AbortSignal
  /** Milliseconds that a check may take. Default: 60000. */
  readonly timeout?: number
  readonly onBegin?: (title: string) => void
}

/**
 * Checks a backend of a package with its fixtures. Its code runs in a process, which is started again after a crash.
 * Throws a Failure of kind `config` when its fixtures cannot be read.
 */
export async function testBackend(
  pack: BackendPackage,
  name: string,
  options: TestOptions = {},
): Promise<ConformanceReport> {
  const {fixtures: directory = join(pack.root, 'fixtures'), only, onBegin} = options
  const {stop = new AbortController().signal, timeout = TIMEOUT_MS} = options
  const started = Date.now()
  const fixtures = await readFixtures(directory, name)
  const chosen = CHECKS.filter(({id}) => only?.includes(id) ?? true)
  const results = new Map<string, CheckResult>()
  const waiting = () => (stop.aborted ? [] : chosen.filter(({id}) => !results.has(id)))
  // Not a symbolic link, as macOS has one: the worker does not see it.
  const home = await realpath(await mkdtemp(join(tmpdir(), 'clinvk-conformance-')))
  try {
    while (waiting().length > 0) {
      const ids = waiting().map(({id}) => id)
      const order = {directory: pack.root, backend: name, fixtures: directory, ids}
      let running: string | undefined
      const ending = await runWorker(order, home, stop, timeout, (message) => {
        running = 'begins' in message ? message.begins : undefined
        if ('result' in message) results.set(message.result.id, message.result)
        else onBegin?.(chosen.find(({id}) => id === running)!.title)
      })
      // When the worker did not begin a single check, all of them fail.
      for (const {fix, id, title} of waiting())
        if (running === undefined || running === id)
          results.set(id, {id, title, state: 'failed', expected: 'a check that ends', found: ending, fix})
    }
  } finally {
    await rm(home, {recursive: true, force: true, maxRetries: 5, retryDelay: 100})
  }

  const checks = chosen.flatMap(({id}) => results.get(id) ?? [])
  const counts = countsOf(checks)
  return {
    backend: name,
    plugin: pack.pjson.name,
    version: pack.pjson.version,
    level: 'fixtures',
    ok: counts.failed === 0 && checks.length === chosen.length,
    checks,
    counts,
    fixtures: fixtures.length,
    not_proven: ['resume', 'ephemeral', 'sandbox', 'cancel'],
    duration_seconds: (Date.now() - started) / 1000,
  }
}

/** Runs checks in a process of their own, each for at most `timeout` milliseconds. Returns how the process ended. */
async function runWorker(
  order: WorkOrder,
  home: string,
  stop: AbortSignal,
  timeout: number,
  onMessage: (message: CheckMessage) => void,
): Promise<string> {
  const {PATH, SystemRoot} = process.env
  const worker = execaNode(WORKER, {
    nodeOptions: permissions(order),
    // Nothing of the user's home, account and environment.
    extendEnv: false,
    env: {PATH, SystemRoot, HOME: home, USERPROFILE: home, TMPDIR: home},
    cwd: home,
    stdin: 'ignore',
    stdout: 'ignore',
    buffer: {ipc: false},
    ipc: true,
    reject: false,
    cancelSignal: stop,
    // A backend in a loop notices no other signal.
    killSignal: 'SIGKILL',
  })
  const late = new AbortController()
  late.signal.addEventListener('abort', () => worker.kill())
  const timer = setTimeout(() => late.abort(), timeout)
  try {
    await worker.sendMessage({...order})
    for await (const message of worker.getEachMessage() as AsyncIterable<CheckMessage>) {
      timer.refresh()
      onMessage(message)
    }
  } catch {
    // The process has ended, and its result says how.
  } finally {
    clearTimeout(timer)
  }

  const {exitCode, signal, stderr} = await worker
  if (late.signal.aborted) return `It did not end within ${timeout / 1000} seconds.`
  const how = signal === undefined ? `with exit code ${exitCode}` : `by signal ${signal}`
  return `Its process ended ${how}. ${/^\w*Error.*$/m.exec(stderr)?.[0] ?? ''}`.trim()
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
const TIMEOUT_MS = 60_000
