import {join} from 'node:path'
import type {Config} from '@oclif/core'
import {Failure, isSystemError} from '../errors/failure.js'
import type {Interrupts} from '../io.js'
import type {Lock} from '../process/lock-file.js'
import {isDryRun} from '../turn/prepare.js'
import type {Surroundings} from '../turn/surroundings.js'
import {keepRun} from './keep.js'
import type {RunView} from './result.js'
import {RUN_KINDS, type RunFlags, type RunPlan} from './run-kinds.js'
import {type RunEnd, runTasks} from './run.js'
import {type PastTask, pastTasks} from './store/past.js'
import {type RunDescription, type RunFolder, runFolder} from './store/run-folder.js'
import type {RunLog} from './store/run-log.js'
import type {Task} from './task.js'
import type {TaskTrees} from './worktrees.js'

/** A run whose tasks can all run; none has started. */
export interface PlannedRun {
  /** Whether what happens is kept, so that it can be resumed. */
  readonly isKept: boolean
  readonly folder: RunFolder
  /** Runs what is not done. `notes` are told to the view. */
  run(interrupts: Interrupts, notes?: readonly string[]): Promise<RunEnd>
}

export interface PlanOptions {
  /** Who is told what happens. */
  readonly view: (plan: RunPlan) => RunView | Promise<RunView>
  /** The folder is there, and locked: an earlier try is continued. */
  readonly hasLock?: boolean
  /** This process does more than the run. */
  readonly isShared?: true
}

/** Plans a run of `parallel` or `chain`. Throws a Failure where a task cannot run. */
export async function planRun(
  config: Config,
  description: RunDescription,
  context: Surroundings,
  {hasLock, isShared, view: viewOf}: PlanOptions,
): Promise<PlannedRun> {
  const {io, settings} = context
  const {id} = description
  const plan = RUN_KINDS[description.command].plan(description, context)
  const {tasks} = plan
  const json = plan.json.bind(plan)
  const plain = await viewOf(plan)
  const isKept = tasks.some(
    ({request}) => request.session.kind !== 'ephemeral' && !isDryRun(request, settings),
  )
  const folder = runFolder(id, io.env)
  const past = hasLock ? pastTasks(folder.events()) : new Map<number, PastTask>()
  const log = isKept ? folder.log(io, plain.notice.bind(plain)) : undefined
  const keepsAnswers = settings.session.store_transcripts
  const kept = log && keepRun({config, id, log, past, tasks, keepsAnswers, view: plain})
  const {keeper, view = plain} = kept ?? {}
  const trees = await treesFor(tasks, description, {
    context,
    folder,
    log,
    past,
    notice: view.notice.bind(view),
  })
  const ready = await plan.prepare(view, ({number}) => past.has(number), trees)
  if (plan.hasFormats)
    view.notice('output_format of a task has no effect: -o sets the format of the results.')
  const options = {view, json, schedule: plan.schedule, caps: plan.caps, outputDir: plan.outputDir, trees}
  return {
    isKept,
    folder,
    async run(interrupts, notes) {
      const run = {id, context, interrupts, notes}
      if (!log) return runTasks(run, ready, options)
      const lock = hasLock ? undefined : await createLocked(folder, description)
      try {
        await log.add({type: 'run', pid: process.pid, is_shared: isShared})
        return await runTasks(run, ready, {...options, keeper})
      } finally {
        await log.close()
        lock?.release()
      }
    },
  }
}

/** Undefined where the folder cannot be written: the run continues, and its log says that it cannot be resumed. */
async function createLocked(folder: RunFolder, description: RunDescription): Promise<Lock | undefined> {
  try {
    await folder.create(description)
    return folder.take(description.id)
  } catch (error) {
    if (isSystemError(error)) return undefined
    throw error
  }
}

interface TreePlace {
  readonly context: Surroundings
  readonly folder: RunFolder
  readonly log: RunLog | undefined
  readonly past: ReadonlyMap<number, PastTask>
  readonly notice: (message: string) => void
}

/** The work trees of the tasks; undefined where none has one. Throws a Failure where the flags do not fit. */
async function treesFor(
  tasks: readonly Task[],
  {flags, id: run}: RunDescription,
  {context: {io, settings}, folder, log, notice, past}: TreePlace,
): Promise<TaskTrees | undefined> {
  const {base, 'worktree-dirty': dirty} = flags as RunFlags
  if (!tasks.some(({hasWorktree}) => hasWorktree)) {
    if (base === undefined && dirty === undefined) return undefined
    throw new Failure('usage', `--${dirty ? 'worktree-dirty' : 'base'} needs --worktree.`)
  }
  const isDry = tasks.every(({request}) => isDryRun(request, settings))
  if (!log && !isDry) throw new Failure('usage', '--worktree keeps the run, which --ephemeral does not.')
  const copiesChanges = dirty === 'copy'
  if (copiesChanges && base !== undefined)
    throw new Failure(
      'usage',
      'Uncommitted changes belong to the commit that is checked out, so --base cannot take them.',
    )
  const {taskTrees} = await import('clinvk-kit/runs/worktrees')
  return taskTrees({
    run,
    env: io.env,
    settings,
    base,
    copiesChanges,
    notice,
    past: ({number}) => past.get(number)?.worktree,
    keep: async ({number: task}, worktree) => log?.add({type: 'worktree', task, worktree}),
    logOf: ({number}) => join(folder.path, `setup-${number}.txt`),
  })
}
