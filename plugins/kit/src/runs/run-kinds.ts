import {Failure} from '../errors/failure.js'
import type {TurnOptionFlags} from '../turn/request.js'
import type {z} from 'zod'
import type {Surroundings} from '../turn/surroundings.js'
import {prepareAll, prepareDependent, prepareTask, type ReadyTask} from './prepare-tasks.js'
import {chainJson, parallelJson, type RunReport, type RunView} from './result.js'
import {chainSchema, parallelSchema, type TaskDescription} from './run-file-schema.js'
import type {RunCaps} from './caps.js'
import type {Schedule} from './schedule.js'
import type {RunDescription} from './store/run-folder.js'
import {pathsIn, type Task, tasksFrom} from './task.js'
import type {TaskTrees} from './worktrees.js'

/** The flags of `parallel` and `chain` that say what is run; the others say how it is shown. */
export interface RunFlags extends TurnOptionFlags {
  readonly config?: string
  readonly ephemeral?: boolean
  readonly tag?: string[]
  readonly 'max-parallel'?: number
  readonly 'fail-fast'?: boolean
  readonly 'stop-on-failure'?: boolean
  readonly 'output-dir'?: string
  readonly 'max-tokens'?: number
  readonly 'max-cost'?: number
  readonly worktree?: boolean
  readonly 'worktree-dirty'?: 'leave' | 'copy'
  readonly base?: string
}

/** What `parallel` and `chain` have of their own. */
export interface RunKind {
  readonly list: 'tasks' | 'steps'
  readonly schema: z.ZodObject
  plan(description: RunDescription, context: Surroundings): RunPlan
}

/** A run, before it is checked whether its tasks can run. */
export interface RunPlan {
  readonly tasks: readonly Task[]
  readonly schedule: Schedule
  readonly caps: RunCaps
  readonly outputDir?: string
  /** A field without effect that files for another program have. */
  readonly hasFormats: boolean
  json(report: RunReport): object
  prepare(view: RunView, isAgain: (task: Task) => boolean, trees?: TaskTrees): Promise<ReadyTask[]>
}

export const RUN_KINDS: Readonly<Record<RunDescription['command'], RunKind>> = {
  parallel: {
    list: 'tasks',
    schema: parallelSchema,
    plan(description, context) {
      const {io, place, settings} = context
      const file = read(parallelSchema, description)
      const flags = description.flags as RunFlags
      const inFile = pathsIn(description.path, place, io)
      const {id: run} = description
      const tasks = tasksFrom(file.tasks, {kind: 'task', run, flags, place, inFile, beside: file})
      const outputDir = flags['output-dir'] ?? (file.output_dir && inFile(file.output_dir))
      const failFast = flags['fail-fast'] ?? file.fail_fast ?? settings.parallel.fail_fast
      return {
        tasks,
        outputDir,
        caps: capsOf(flags, file),
        hasFormats: hasFormats(file.tasks),
        json: parallelJson,
        schedule: {
          maxParallel: flags['max-parallel'] ?? file.max_parallel ?? settings.parallel.max_workers,
          onFailure: failFast ? 'cancel' : 'continue',
        },
        prepare: async (view, isAgain, trees) => {
          if (flags.worktree) await trees?.check(place)
          return prepareAll(tasks, async (task, before) => {
            if (task.hasWorktree) await trees?.check(task.request.workdir!)
            const output = view.output(task)
            const waits = task.needs.length > 0 || isAgain(task)
            if (!waits) return prepareTask(task, context, output)
            return prepareDependent(task, before, context, output, {kind: 'task', tasks})
          })
        },
      }
    },
  },

  chain: {
    list: 'steps',
    schema: chainSchema,
    plan(description, context) {
      const {io, place} = context
      const file = read(chainSchema, description)
      const flags = description.flags as RunFlags
      const {pass_session: handsOver, pass_session_id: passes, persist_sessions: persists} = file
      const descriptions = file.pass_working_dir ? withWorkdirOfPrevious(file.steps) : file.steps
      const inFile = pathsIn(description.path, place, io)
      const stops = flags['stop-on-failure'] ?? file.stop_on_failure ?? true
      const {id: run} = description
      const tasks = tasksFrom(descriptions, {kind: 'step', run, flags, place, inFile, stops, beside: file})
      const total = tasks.length
      const passSession = handsOver ? 'any backend' : (passes ?? persists) ? 'same backend' : undefined
      return {
        tasks,
        caps: capsOf(flags, file),
        hasFormats: hasFormats(file.steps),
        json: (report) => chainJson(report, total),
        schedule: {maxParallel: 1, onFailure: 'continue', leavesOutSkipped: true},
        prepare: (view) =>
          prepareAll(tasks, (task, before) =>
            prepareDependent(task, before, context, view.output(task), {kind: 'step', tasks, passSession}),
          ),
      }
    },
  },
}

/** A run file that was checked when it was read; a run folder may have been changed since. */
function read<T>(schema: z.ZodType<T>, {file}: RunDescription): T {
  const {data, error} = schema.safeParse(file)
  if (!error) return data
  const [issue] = error.issues
  throw new Failure('config', `${issue!.path.map(String).join('.')}: ${issue!.message}`)
}

function capsOf(flags: RunFlags, file: {max_tokens?: number; max_cost?: number}): RunCaps {
  return {tokens: flags['max-tokens'] ?? file.max_tokens, cost: flags['max-cost'] ?? file.max_cost}
}

/** Files written for another program of this kind may have the field. */
function hasFormats(tasks: readonly TaskDescription[]): boolean {
  return tasks.some((task) => task.output_format !== undefined)
}

/** A step that names no directory runs where the one before it does. */
function withWorkdirOfPrevious(steps: readonly TaskDescription[]): TaskDescription[] {
  let workdir: string | undefined
  return steps.map((step) => {
    workdir = step.workdir ?? workdir
    return workdir === undefined ? step : {...step, workdir}
  })
}
