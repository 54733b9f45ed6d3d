import {mkdtemp, realpath, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {type BackendPackage, descriptorOf, namesOf, readBackendPackage} from './backend-package.js'
import {runCheck} from './check.js'
import {CHECKS} from './checks.js'
import {DESCRIPTOR_CHECK, PACKAGE_CHECKS} from './checks/package.js'
import {readFixtures} from './fixtures.js'
import {type CheckResult, type ConformanceReport, countsOf} from './report.js'
import {runWorker} from './run-worker.js'

export interface TestOptions {
  /** Directory of the fixtures. Default: `fixtures` in the package. */
  readonly fixtures?: string
  /** Runs only these checks, by their ids. */
  readonly only?: readonly string[]
  readonly stop?: AbortSignal
  /** Milliseconds that a check may take. Default: 60000. */
  readonly timeout?: number
  /** Called when a check begins. */
  readonly onBegin?: (title: string) => void
  readonly onResult?: (result: CheckResult) => void
}

/**
 * Checks each backend of a package with its fixtures. Throws a Failure of kind
 * `unavailable` when there is no backend in the directory, and `config` when
 * its fixtures cannot be read.
 */
export async function testPackage(
  directory: string,
  options: TestOptions = {},
): Promise<ConformanceReport[]> {
  const pack = await readBackendPackage(directory)
  const reports: ConformanceReport[] = []
  for (const name of namesOf(pack)) reports.push(await testBackend(pack, name, options))
  return reports
}

/** The same for one backend of a package. */
export async function testBackend(
  pack: BackendPackage,
  name: string,
  options: TestOptions = {},
): Promise<ConformanceReport> {
  const {fixtures: directory = join(pack.root, 'fixtures'), only} = options
  const started = Date.now()
  const fixtures = await readFixtures(directory, name)
  const chosen = CHECKS.filter(({id}) => only?.includes(id) ?? true)
  const results = new Map<string, CheckResult>()
  const add = (result: CheckResult) => {
    results.set(result.id, result)
    options.onResult?.(result)
  }

  const bench = {pack, name, fixtures, ...descriptorOf(pack, name)}
  const isSound = (await runCheck(DESCRIPTOR_CHECK, bench)).state === 'ok'
  const unsound = 'The descriptor is not as the contract says: descriptor-types.'
  for (const check of PACKAGE_CHECKS) {
    const {id, needsDescriptor, title} = check
    if (!chosen.some((one) => one.id === id)) continue
    if (isSound || !needsDescriptor) add(await runCheck(check, bench))
    else add({id, title, state: 'not_applicable', reason: unsound})
  }

  if (pack.backends.has(name)) await runStages({pack, name, directory, chosen, results, add, options})
  else
    for (const {id, stage, title} of chosen)
      if (stage !== 'package')
        add({id, title, state: 'not_applicable', reason: 'clinvk cannot use the descriptor.'})

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

interface Stages {
  readonly pack: BackendPackage
  readonly name: string
  /** Of the fixtures. */
  readonly directory: string
  readonly chosen: typeof CHECKS
  readonly results: ReadonlyMap<string, CheckResult>
  readonly add: (result: CheckResult) => void
  readonly options: TestOptions
}

/** Runs the checks of code and of turns, each stage in a worker, which is started again after a crash. */
async function runStages({add, chosen, directory, name, options, pack, results}: Stages): Promise<void> {
  const {onBegin, stop = new AbortController().signal, timeout = TIMEOUT_MS} = options
  // Not a symbolic link, as macOS has one: the process of the worker does not see it.
  const home = await realpath(await mkdtemp(join(tmpdir(), 'clinvk-conformance-')))
  const isAborted = () => stop.aborted
  const runStage = async (stage: 'code' | 'turns') => {
    const waiting = () => chosen.filter((check) => check.stage === stage && !results.has(check.id))
    while (waiting().length > 0 && !isAborted()) {
      const order = {directory: pack.root, backend: name, fixtures: directory, home, stage}
      const {ending, unfinished} = await runWorker(
        {...order, ids: waiting().map(({id}) => id)},
        {
          timeout,
          stop,
          onBegin: (id) => onBegin?.(chosen.find((check) => check.id === id)!.title),
          onResult: add,
        },
      )
      if (isAborted()) return
      // When the worker did not begin a single check, all of them fail.
      for (const {fix, id, title} of waiting().filter(
        (check) => unfinished.size === 0 || unfinished.has(check.id),
      ))
        add({id, title, state: 'failed', expected: 'a check that ends', found: ending, fix})
    }
  }

  try {
    await Promise.all([runStage('code'), runStage('turns')])
  } finally {
    await rm(home, {recursive: true, force: true, maxRetries: 5, retryDelay: 100})
  }
}

const TIMEOUT_MS = 60_000
