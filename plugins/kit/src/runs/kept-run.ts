import {resolve} from 'node:path'
import type {Config} from '@oclif/core'
import {Failure, isSystemError} from '../errors/failure.js'
import type {Interrupts} from '../io.js'
import type {Lock} from '../process/lock-file.js'
import {isDryRun} from '../turn/prepare.js'
import type {Surroundings} from '../turn/surroundings.js'
import {makeResultDirectory} from './output-dir.js'
import {planOf, type RunPlan} from './plan-run.js'
import {prepareAll} from './prepare-tasks.js'
import type {RunView} from './result.js'
import {runTasks} from './run.js'
import {type PastTask, pastTasks} from './store/past.js'
import {type RunDescription, type RunFolder, runFolder} from './store/run-folder.js'
import type {TreeOptions} from './worktrees.js'

/** A run whose tasks can all run; none has started. */
export interface PlannedRun {
  /** Whether what happens is kept, so that it can be resumed. */
  readonly isKept: boolean
  readonly folder: RunFolder
  /** Runs what is not done; returns the exit code. */
  run(interrupts: Interrupts): Promise<number>
}

export interface PlanOptions {
  readonly view: RunView
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
  {hasLock, isShared, view}: PlanOptions,
): Promise<PlannedRun> {
  const {io, place, settings} = context
  const {flags, id} = description
  const plan = planOf(description, context)
  const notice = view.notice.bind(view)
  const isKept = plan.tasks.some(
    ({request}) => request.session.kind !== 'ephemeral' && !isDryRun(request, settings),
  )
  const folder = runFolder(id, io.env)
  const past = hasLock ? pastTasks(folder.events()) : new Map<number, PastTask>()
  const log = isKept ? folder.log(io, notice) : undefined
  const trees = await treesFor(plan, {context, flags, folder, log, notice, past, run: id})
  if (flags.worktree) await trees?.check(place)
  const ready = await prepareAll(plan, context, view, past, trees)
  if (hasLock && ready.every((task) => task.past))
    notice('Every task of this run has ended already: none is started.')
  if (plan.descriptions.some(({output_format: format}) => format !== undefined))
    notice('output_format of a task has no effect: -o sets the format of the results.')
  // Before the run is kept: it could not be resumed either.
  if (plan.outputDir !== undefined) makeResultDirectory(resolve(io.cwd, plan.outputDir))
  const kept = log && {config, log, keepsAnswers: settings.session.store_transcripts}
  const run = {...plan, id, io, kept, ready, trees, view}
  return {
    isKept,
    folder,
    async run(interrupts) {
      if (!log) return runTasks(run, interrupts)
      const lock = hasLock ? undefined : await createLocked(folder, description)
      try {
        await log.add({type: 'run', pid: process.pid, is_shared: isShared})
        return await runTasks(run, interrupts)
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
    return folder.acquire(description.id)
  } catch (error) {
    if (isSystemError(error)) return undefined
    throw error
  }
}

/** The work trees of the tasks; undefined where none has one. Throws a Failure where the flags do not fit. */
async function treesFor({tasks}: RunPlan, options: TreeOptions) {
  const {context, flags, log} = options
  const {base, 'worktree-dirty': dirty} = flags
  if (!tasks.some(({hasWorktree}) => hasWorktree)) {
    if (base === undefined && dirty === undefined) return undefined
    throw new Failure('usage', `--${dirty ? 'worktree-dirty' : 'base'} needs --worktree.`)
  }
  if (!log && !tasks.every(({request}) => isDryRun(request, context.settings)))
    throw new Failure('usage', '--worktree needs a run that is kept: leave out --ephemeral.')
  if (dirty === 'copy' && base !== undefined)
    throw new Failure(
      'usage',
      '--worktree-dirty copy does not work with --base: your changes belong to the commit that is checked out.',
    )
  const {taskTrees} = await import('./worktrees.js')
  return taskTrees(options)
}
