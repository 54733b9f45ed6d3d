import {commandOf} from '../output/dry-run.js'
import {count, type TaskResult} from './task-result.js'

/** A finished run (`docs/reference/json.md`). */
export interface RunReport {
  /** 32 hexadecimal digits. */
  readonly id: string
  readonly results: readonly TaskResult[]
  readonly startedAt: Date
  readonly endedAt: Date
}

/** What `parallel --json` prints. The names are the reference program's; what it lacks is ours. */
export function parallelJson(report: RunReport): object {
  return {
    run_id: report.id,
    total_tasks: report.results.length,
    ...count(report.results),
    results: report.results.map((done) => taskJson(done)),
    ...timesJson(report),
  }
}

/** What `chain --json` prints; `total` is the number of steps that were to run. */
export function chainJson({results, id, ...times}: RunReport, total: number): object {
  const failed = results.find(({result}) => result.outcome !== 'success')
  return {
    run_id: id,
    total_steps: total,
    completed_steps: count(results).completed,
    failed_step: failed?.task.number,
    results: results.map((done) => ({step: done.task.number, name: done.task.name, ...resultJson(done)})),
    ...timesJson(times),
  }
}

/** What `compare --json` prints. */
export function compareJson({id, results, ...times}: RunReport, prompt: string): object {
  return {
    run_id: id,
    prompt,
    backends: results.map(({backend}) => backend),
    results: results.map((done) => resultJson(done)),
    ...timesJson(times),
  }
}

export function taskJson(done: TaskResult): object {
  const {id, meta, name, number, tags} = done.task
  return {index: number - 1, task_id: id, task_name: name, tags, meta, ...resultJson(done)}
}

/** The part that tasks, steps and compared backends have in common. */
function resultJson({backend, dryRun, endedAt, result, startedAt}: TaskResult): object {
  const {backend: _, content, duration_seconds: duration, error, exit_code: exitCode, ...rest} = result
  return {
    backend,
    exit_code: exitCode,
    // A text, as in the reference program; its kind and what to do are beside it.
    error: error?.message,
    error_kind: error?.kind,
    hints: error?.hints,
    resets_at: error?.resets_at,
    output: content === '' ? undefined : content,
    ...rest,
    ...(dryRun && {dry_run: true, command: commandOf(dryRun), stdin: dryRun.invocation.stdin}),
    start_time: startedAt?.toISOString(),
    end_time: endedAt?.toISOString(),
    duration_seconds: duration,
  }
}

function timesJson({endedAt, startedAt}: Pick<RunReport, 'startedAt' | 'endedAt'>): object {
  return {
    total_duration_seconds: (endedAt.getTime() - startedAt.getTime()) / 1000,
    start_time: startedAt.toISOString(),
    end_time: endedAt.toISOString(),
  }
}
