import {mkdtemp, realpath, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import type {Descriptor} from 'clinvk-contract'
import {readBackendPackage, type BackendPackage} from './backend-package.js'
import {CHECKS} from './checks.js'
import {flawOfDescriptor} from './descriptor.js'
import {BY_DESCRIPTOR, PACKAGE_CHECKS} from './checks/package.js'
import {readFixtures} from './fixtures.js'
import type {CheckResult, ConformanceReport} from './report.js'
import {runCheck} from './run-check.js'
import {runWorker} from './run-worker.js'

export interface TestOptions {
  /** Where the fixtures are: `fixtures` in the package when not given. */
  readonly fixtures?: string
  /** Only these checks, by their ids. */
  readonly only?: readonly string[]
  readonly stop?: AbortSignal
  /** Milliseconds that a check may take; 30000 when not given. */
  readonly patience?: number
  /** A check begins. */
  readonly onBegin?: (title: string) => void
  readonly onResult?: (result: CheckResult) => void
}

/**
 * Proves the backends of a package right, as far as its fixtures go: one report
 * for each. `directory` is the package. Throws a Failure of kind `unavailable`
 * when there is no backend, and `config` when its fixtures cannot be read.
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
  {
    fixtures = join(pack.root, 'fixtures'),
    onBegin,
    onResult,
    only,
    patience = PATIENCE_MS,
    stop = new AbortController().signal,
  }: TestOptions = {},
): Promise<ConformanceReport> {
  const started = Date.now()
  const results = new Map<string, CheckResult>()
  const take = (result: CheckResult) => {
    results.set(result.id, result)
    onResult?.(result)
  }

  const all = await readFixtures(fixtures, name)
  const bench = {pack, name, descriptor: descriptorOf(pack, name), fixtures: all}
  const chosen = CHECKS.filter(({id}) => only?.includes(id) ?? true)
  const isWell = (await flawOfDescriptor(bench.descriptor)) === undefined
  for (const check of PACKAGE_CHECKS) {
    const {id, title} = check
    if (!chosen.some((one) => one.id === id)) continue
    if (isWell || !BY_DESCRIPTOR.has(id)) take(await runCheck(check, bench))
    else take({id, title, state: 'not_applicable', reason: 'The descriptor is not sound: descriptor-types.'})
  }

  if (pack.backends.has(name)) {
    // Real: macOS has links on the way to its temporary directory, and a process does not see them.
    const home = await realpath(await mkdtemp(join(tmpdir(), 'clinvk-conformance-')))
    const stage = async (wanted: 'code' | 'turns') => {
      const isStopped = () => stop.aborted
      const left = () => chosen.filter(({id, stage}) => stage === wanted && !results.has(id))
      while (left().length > 0 && !isStopped()) {
        const ids = left().map(({id}) => id)
        const order = {directory: pack.root, backend: name, fixtures, stage: wanted, ids}
        const begin = (id: string) => onBegin?.(CHECKS.find((check) => check.id === id)!.title)
        const {how, underWay} = await runWorker(order, {home, patience, stop, onBegin: begin, onResult: take})
        if (isStopped()) return
        // What was not even begun is blamed for a process that does not come so far.
        const blamed = left().filter(({id}) => underWay.length === 0 || underWay.includes(id))
        for (const {fix, id, title} of blamed)
          take({id, title, state: 'failed', expected: 'a check that comes to an end', found: how, fix})
      }
    }

    try {
      await Promise.all([stage('code'), stage('turns')])
    } finally {
      await rm(home, {recursive: true, force: true, maxRetries: 5, retryDelay: 100})
    }
  } else {
    for (const {id, stage, title} of chosen)
      if (stage !== 'package')
        take({id, title, state: 'not_applicable', reason: 'clinvk cannot use the descriptor.'})
  }

  const checks = chosen.flatMap(({id}) => results.get(id) ?? [])
  const count = (state: CheckResult['state']) => checks.filter((check) => check.state === state).length
  return {
    backend: name,
    plugin: pack.pjson.name,
    version: pack.pjson.version,
    level: 'fixtures',
    ok: count('failed') === 0 && checks.length === chosen.length,
    checks,
    counts: {ok: count('ok'), failed: count('failed'), not_applicable: count('not_applicable')},
    fixtures: all.length,
    not_proven: LIVE_ONLY,
    duration_seconds: (Date.now() - started) / 1000,
  }
}

/** Also those of a package whose descriptors cannot be used: the report says why. */
export function namesOf({backends, pjson}: BackendPackage): string[] {
  if (backends.size > 0) return [...backends.keys()]
  const told = Object.keys(contributed(pjson))
  return told.length > 0 ? told : [pjson.name.replace(/^.*clinvk-backend-/, '')]
}

function descriptorOf({backends, pjson}: BackendPackage, name: string): Descriptor {
  const told = backends.get(name)?.descriptor ?? (contributed(pjson)[name] as Partial<Descriptor> | undefined)
  return {capabilities: {}, ...told} as Descriptor
}

function contributed({clinvk}: BackendPackage['pjson']): Record<string, unknown> {
  const backends = (clinvk as {backends?: unknown} | undefined)?.backends
  return typeof backends === 'object' && backends !== null ? (backends as Record<string, unknown>) : {}
}

/** What only the level `live` can tell. */
const LIVE_ONLY = ['resume', 'ephemeral', 'sandbox', 'cancel']
const PATIENCE_MS = 30_000
