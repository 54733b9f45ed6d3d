import {CliUser} from './cli-user.js'
import {linkMoodyAgent} from './moody-agent.js'
import {type Finished, json, type RunOptions} from './sandbox.js'

/** What `parallel`, `chain` and `compare` print with `--json`, each some of it, and the exit code. */
export interface Report {
  readonly code: number | null
  readonly run_id: string
  readonly total_tasks: number
  readonly completed: number
  readonly failed: number
  readonly cancelled: number
  readonly total_steps: number
  readonly completed_steps: number
  readonly failed_step?: number
  readonly prompt: string
  readonly backends: string[]
  readonly results: Record<string, unknown>[]
}

export function reportOf(finished: Finished): Report {
  return {...json(finished), code: finished.code} as unknown as Report
}

/** Gives each test a user of a command that runs tasks, with two agents that need no account: echo and moody. */
export function withRuns(command: 'parallel' | 'chain' | 'compare', env: Record<string, string> = {}) {
  const user = new CliUser({CLINVK_BACKEND: 'echo', ...env}).forEachTest()
  beforeEach(() => linkMoodyAgent(user))
  const run = (work: unknown, words: readonly string[] = [], options: RunOptions = {}) =>
    user.clinvk([command, ...words], {stdin: JSON.stringify(work), ...options})
  return {
    user,
    /** Runs the command; `work` is its run file, on standard input. */
    run,
    report: async (work: unknown, words: readonly string[] = []) =>
      reportOf(await run(work, [...words, '--json'])),
  }
}
