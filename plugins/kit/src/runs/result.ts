import {commandOf} from '../turn/agent-command.js'
import type {PreparedTurn} from '../turn/prepare.js'
import type {TurnOutput} from '../turn/context.js'
import type {TurnResult} from '../turn/result.js'
import {type TaskTree, treeJson} from './store/task-tree.js'
import type {Task} from './task.js'

export interface TaskResult {
  readonly task: Task
  readonly backend: string
  readonly result: TurnResult
  /** Absent where the task was not started. */
  readonly startedAt?: Date
  readonly endedAt?: Date
  readonly dryRun?: PreparedTurn
  readonly tree?: TaskTree
  /** It was not run because of how the tasks that it needs have ended. */
  readonly isSkipped?: boolean
}

export type RunAsked =
  {readonly kind: 'parallel' | 'chain'} | {readonly kind: 'compare'; readonly prompt: string}

export interface RunReport {
  readonly id: string
  readonly asked: RunAsked
  /** How many tasks it has; steps that were not run have no result. */
  readonly total: number
  readonly results: readonly TaskResult[]
  readonly startedAt: Date
  readonly endedAt: Date
}

export interface RunView {
  /** Whether results must hold their answers at the end of the run. */
  readonly keepsContent: boolean
  /** For the user, about the whole run. */
  notice(message: string): void
  /** Before the first task starts; `past` has the results of those that have ended in an earlier try. */
  begin?(run: {
    readonly id: string
    readonly tasks: readonly Task[]
    readonly past: readonly TaskResult[]
  }): void | Promise<void>
  output(task: Task): TurnOutput
  /** After a task's last event, whether it ran or not. */
  finished?(done: TaskResult): void | Promise<void>
  end(report: RunReport): void | Promise<void>
}

export function count(results: readonly TaskResult[]): {
  completed: number
  failed: number
  cancelled: number
} {
  const of = (outcome: string) => results.filter(({result}) => result.outcome === outcome).length
  const [completed, cancelled] = [of('success'), of('cancelled')]
  return {completed, failed: results.length - completed - cancelled, cancelled}
}

/** How a task ended, for people. */
export function outcomeWord({dryRun, isSkipped, result}: TaskResult): string {
  return dryRun ? 'dry run' : isSkipped ? 'skipped' : result.outcome
}

/** What `--json` prints of a run, as docs/reference/json.md has it. */
export function reportJson(report: RunReport): object {
  const {endedAt, id, startedAt} = report
  return {
    run_id: id,
    ...resultsJson(report),
    total_duration_seconds: (endedAt.getTime() - startedAt.getTime()) / 1000,
    start_time: startedAt,
    end_time: endedAt,
  }
}

function resultsJson({asked, results, total}: RunReport): object {
  switch (asked.kind) {
    case 'parallel':
      return {total_tasks: total, ...count(results), results: results.map(taskJson)}
    case 'chain':
      return {
        total_steps: total,
        completed_steps: count(results).completed,
        failed_step: results.find(({result}) => result.outcome !== 'success')?.task.number,
        results: results.map((done) => ({step: done.task.number, name: done.task.name, ...resultJson(done)})),
      }
    case 'compare': {
      const backends = results.map(({backend}) => backend)
      return {prompt: asked.prompt, backends, results: results.map(resultJson)}
    }
  }
}

export function taskJson(done: TaskResult): object {
  const {id, meta, name, number, tags} = done.task
  return {index: number - 1, task_id: id, task_name: name, tags, meta, ...resultJson(done)}
}

function resultJson({backend, dryRun, endedAt, isSkipped, result, startedAt, tree}: TaskResult): object {
  const {backend: _, content, duration_seconds: duration, error, exit_code: exitCode, ...rest} = result
  return {
    backend,
    exit_code: exitCode,
    error: error?.message,
    error_kind: error?.kind,
    hints: error?.hints,
    resets_at: error?.resets_at,
    output: content === '' ? undefined : content,
    ...rest,
    skipped: isSkipped,
    worktree: treeJson(tree),
    ...(dryRun && {dry_run: true, command: commandOf(dryRun), stdin: dryRun.invocation.stdin}),
    start_time: startedAt,
    end_time: endedAt,
    duration_seconds: duration,
  }
}
