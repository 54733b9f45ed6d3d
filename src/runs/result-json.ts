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

export function taskJson(done: TaskResult): object {
  const {id, meta, name, number, tags} = done.task
  return {
    index: number - 1,
    ...(id === undefined ? {} : {task_id: id}),
    ...(name === undefined ? {} : {task_name: name}),
    ...(tags === undefined ? {} : {tags}),
    ...(meta === undefined ? {} : {meta}),
    ...resultJson(done),
  }
}

/** The part that tasks, steps and compared backends have in common. */
export function resultJson({backend, dryRun, endedAt, result, startedAt}: TaskResult): object {
  const {backend: _, content, duration_seconds: duration, error, exit_code: exitCode, ...rest} = result
  return {
    backend,
    exit_code: exitCode,
    // A text, as in the reference program; its kind and what to do beside it.
    ...(error === undefined
      ? {}
      : {
          error: error.message,
          error_kind: error.kind,
          ...(error.hints === undefined ? {} : {hints: error.hints}),
          ...(error.resets_at === undefined ? {} : {resets_at: error.resets_at}),
        }),
    ...(content === '' ? {} : {output: content}),
    ...rest,
    ...(dryRun === undefined ? {} : dryRunJson(dryRun)),
    ...(startedAt === undefined ? {} : {start_time: startedAt.toISOString()}),
    ...(endedAt === undefined ? {} : {end_time: endedAt.toISOString()}),
    duration_seconds: duration,
  }
}

export function timesJson({endedAt, startedAt}: Pick<RunReport, 'startedAt' | 'endedAt'>): object {
  return {
    total_duration_seconds: (endedAt.getTime() - startedAt.getTime()) / 1000,
    start_time: startedAt.toISOString(),
    end_time: endedAt.toISOString(),
  }
}

function dryRunJson({executable, invocation}: NonNullable<TaskResult['dryRun']>): object {
  return {
    dry_run: true,
    command: [executable.file, ...executable.leading, ...invocation.args],
    stdin: invocation.stdin,
  }
}
