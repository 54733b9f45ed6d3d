import {mkdir, mkdtemp, realpath, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {findExecutable} from 'clinvk-kit/backends/find-executable'
import {Failure} from 'clinvk-kit/errors/failure'
import {directoriesOf} from 'clinvk-kit/turn/agent-files'
import type {BackendPackage} from '../backend-package.js'
import {type CheckResult, type ConformanceReport, countsOf, runCheck} from '../check.js'
import {LIVE_CHECKS, PROVES} from './checks.js'
import {LiveBench} from './live-bench.js'

export interface LiveOptions {
  /** What points the agent to its endpoint and account; nothing else of the environment is passed on but PATH. */
  readonly env: Readonly<Record<string, string>>
  /** The home directory of the agent. A temporary one, removed afterwards, when not given. */
  readonly home?: string
  readonly model?: string
  readonly stop: AbortSignal
  readonly onBegin?: (title: string) => void
  readonly onResult?: (result: CheckResult) => void
}

/**
 * Checks a backend with its real agent, on the account that `env` names. Throws
 * a Failure of kind `unavailable` when the agent is not installed.
 */
export async function testLive(
  pack: BackendPackage,
  name: string,
  options: LiveOptions,
): Promise<CheckResult[]> {
  const entry = pack.backends.get(name)
  if (!entry) throw new Failure('unavailable', pack.problems.join(' '))
  const {home: given, model, onBegin, onResult, stop} = options
  const root = await realpath(await mkdtemp(join(tmpdir(), 'clinvk-conformance-')))
  try {
    const [own, project, temporary] = ['home', 'project', 'tmp'].map((part) => join(root, part)) as [
      string,
      string,
      string,
    ]
    for (const path of [own, project, temporary]) await mkdir(path, {mode: 0o700})
    const home = given ?? own
    const {PATH = ''} = process.env
    const env = {PATH, HOME: home, TMPDIR: temporary, LANG: 'C.UTF-8', TERM: 'dumb', ...options.env}
    const executable = findExecutable(entry, env)
    if (!executable) {
      throw new Failure('unavailable', `There is no ${entry.descriptor.executable} in PATH.`, [
        `Install it: ${entry.descriptor.install}`,
      ])
    }

    const bench = new LiveBench({
      entry,
      backend: await entry.load(),
      executable,
      env,
      project,
      places: [
        ...directoriesOf(entry.descriptor.directories ?? [], env),
        ...(given === undefined ? [own, temporary] : [temporary]),
      ],
      scratch: join(root, 'scratch'),
      stop,
      model: model === undefined ? undefined : (entry.descriptor.models?.[model] ?? model),
    })
    const results: CheckResult[] = []
    for (const check of LIVE_CHECKS) {
      if (stop.aborted) break
      onBegin?.(check.title)
      const result = await runCheck(check, bench)
      results.push(result)
      onResult?.(result)
    }

    return results
  } finally {
    await rm(root, {recursive: true, force: true, maxRetries: 5, retryDelay: 100})
  }
}

/** The report of both levels. */
export function withLive(report: ConformanceReport, live: readonly CheckResult[]): ConformanceReport {
  const checks = [...report.checks, ...live]
  const proven = live.filter(({state}) => state === 'ok').map(({id}) => PROVES[id])
  return {
    ...report,
    level: 'live',
    ok: report.ok && live.length === LIVE_CHECKS.length && live.every(({state}) => state !== 'failed'),
    checks,
    counts: countsOf(checks),
    not_proven: report.not_proven.filter((capability) => !proven.includes(capability)),
  }
}
