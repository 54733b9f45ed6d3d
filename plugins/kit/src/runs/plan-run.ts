import type {Surroundings} from '../turn/surroundings.js'
import type {RunCaps} from './caps.js'
import {checkRunFile} from './check-run-file.js'
import type {RunAsked} from './result.js'
import {chainSchema, parallelSchema, type TaskDescription} from './run-file-schema.js'
import type {Schedule} from './schedule.js'
import type {RunDescription} from './store/run-folder.js'
import {pathsIn, type Task, tasksFrom} from './task.js'

/** What a run of `parallel` or `chain` is to do, before it is checked whether its tasks can run. */
export interface RunPlan {
  readonly asked: RunAsked
  readonly tasks: readonly Task[]
  readonly schedule: Schedule
  readonly caps: RunCaps
  readonly outputDir?: string
  readonly passSession?: 'any backend' | 'same backend'
  /** The tasks as they are written. */
  readonly descriptions: readonly TaskDescription[]
}

/** Throws a Failure where the run file is not valid: a run folder may have been changed since it was checked. */
export function planOf(
  {command, file, flags, id: run, path}: RunDescription,
  {io, place, settings}: Surroundings,
): RunPlan {
  const inFile = pathsIn(path, place, io)
  const capsIn = (beside: {max_tokens?: number; max_cost?: number}) => ({
    tokens: flags['max-tokens'] ?? beside.max_tokens,
    cost: flags['max-cost'] ?? beside.max_cost,
  })
  if (command === 'chain') {
    const beside = checkRunFile(chainSchema, file)
    const {pass_session_id: passes = beside.persist_sessions, pass_working_dir: passesDirectory} = beside
    const steps = passesDirectory ? withWorkdirOfPrevious(beside.steps) : beside.steps
    const stops = flags['stop-on-failure'] ?? beside.stop_on_failure ?? true
    return {
      asked: {kind: 'chain'},
      tasks: tasksFrom(steps, {kind: 'step', run, flags, place, inFile, stops, beside}),
      schedule: {maxParallel: 1, leavesOutSkipped: true},
      caps: capsIn(beside),
      passSession: beside.pass_session ? 'any backend' : passes ? 'same backend' : undefined,
      descriptions: steps,
    }
  }
  const beside = checkRunFile(parallelSchema, file)
  return {
    asked: {kind: 'parallel'},
    tasks: tasksFrom(beside.tasks, {kind: 'task', run, flags, place, inFile, beside}),
    schedule: {
      maxParallel: flags['max-parallel'] ?? beside.max_parallel ?? settings.parallel.max_workers,
      failFast: flags['fail-fast'] ?? beside.fail_fast ?? settings.parallel.fail_fast,
    },
    caps: capsIn(beside),
    outputDir: flags['output-dir'] ?? (beside.output_dir && inFile(beside.output_dir)),
    descriptions: beside.tasks,
  }
}

/** A step that names no directory runs where the one before it does. */
function withWorkdirOfPrevious(steps: readonly TaskDescription[]): TaskDescription[] {
  let workdir: string | undefined
  return steps.map((step) => {
    workdir = step.workdir ?? workdir
    return workdir === undefined ? step : {...step, workdir}
  })
}
