import {spawn} from 'node:child_process'
import {closeSync, openSync} from 'node:fs'
import {join, resolve} from 'node:path'
import type {Config} from '@oclif/core'
import {Failure, isSystemError} from 'clinvk-kit/errors/failure'
import {ioOf} from 'clinvk-kit/command'
import {quoteCommand} from 'clinvk-kit/format/text'
import type {Lock} from 'clinvk-kit/process/lock-file'
import {isDryRun} from 'clinvk-kit/turn/prepare'
import type {OutputFlags} from '../output/format.js'
import type {ContextFlags} from '../prompt/context.js'
import {keepRun} from './keep.js'
import {readRunFile} from './run-file.js'
import {RUN_KINDS, type RunFlags} from './run-kinds.js'
import {createView, type Run, runTasks, startRun} from './run.js'
import {type PastTask, pastTasks} from './store/past.js'
import {type KeptRun, type RunDescription, type RunFolder, runFolder} from './store/run-folder.js'
import type {RunLog} from './store/run-log.js'
import type {Task} from './task.js'
import type {TaskTrees} from './worktrees.js'

/** The flags that say how a run is shown. */
export interface ShownFlags extends OutputFlags {
  readonly quiet: boolean
}

export interface NewRun {
  readonly command: RunDescription['command']
  readonly flags: RunFlags & ShownFlags & {readonly file?: string; readonly detach?: boolean}
  /** Prompts from the command line, in place of a run file. */
  readonly prompts?: readonly string[]
}

/** Runs what a command was asked for; returns the exit code. */
export async function runNew(config: Config, {command, flags, prompts = []}: NewRun): Promise<number> {
  const {detach, file: path, json, 'output-format': format, quiet, ...asked} = flags
  const io = ioOf(config)
  const run = await startRun(config, flags)
  const {context, id} = run
  const {list, schema} = RUN_KINDS[command]
  if (prompts.length > 0 && path !== undefined)
    throw new Failure('usage', 'The tasks are given twice: as arguments and with --file.')
  const file = prompts.length > 0 ? {[list]: prompts} : await readRunFile(schema, list, path, context.io)
  const inCwd = (name: string | undefined) => (name === undefined ? undefined : resolve(io.cwd, name))
  const description: RunDescription = {
    version: 1,
    id,
    command,
    started_at: io.now().toISOString(),
    place: context.place,
    path: path === '-' ? undefined : inCwd(path),
    flags: {
      ...asked,
      workdir: undefined,
      config: inCwd(asked.config),
      'output-dir': inCwd(asked['output-dir']),
    },
    file,
  }
  return runDescription(config, run, description, {quiet, detach: detach && {json, format}})
}

/** Runs what is left of a run; with `retry` also what has failed. Returns the exit code. */
export async function runAgain(
  config: Config,
  {description, folder}: KeptRun,
  {quiet, ...shown}: ShownFlags & Pick<RunFlags, 'max-cost' | 'max-tokens'>,
  retry?: {readonly tasks: (past: ReadonlyMap<number, PastTask>) => readonly number[]},
): Promise<number> {
  const {id, place} = description
  // First, so that nobody adds to the log that is read.
  const lock = folder.take(id)
  try {
    const flags = {...description.flags, ...defined(shown)}
    const run = await startRun(config, {...(flags as ContextFlags), workdir: place}, id)
    const log = folder.log(run.context.io, (text) => run.context.printer.note(text))
    for (const task of retry?.tasks(pastTasks(folder.events())) ?? []) await log.add({type: 'retry', task})
    await log.close()
    return await runDescription(config, run, {...description, flags}, {quiet, hasLock: true})
  } finally {
    lock.release()
  }
}

function defined(flags: object): object {
  return Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined))
}

interface HowToRun {
  readonly quiet: boolean
  /** Without this terminal. */
  readonly detach?: false | {readonly json?: boolean; readonly format?: string}
  /** The folder is there, and locked. */
  readonly hasLock?: boolean
}

async function runDescription(
  config: Config,
  run: Run,
  description: RunDescription,
  {detach, hasLock, quiet}: HowToRun,
): Promise<number> {
  const {context, id} = run
  const {io, settings} = context
  const plan = RUN_KINDS[description.command].plan(description, context)
  const {tasks} = plan
  const json = plan.json.bind(plan)
  const plain = await createView(run, json, () => plan.view(quiet))
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
  if (!log) {
    if (detach) throw new Failure('usage', '--detach keeps the run, which --ephemeral and --dry-run do not.')
    return runTasks(run, ready, options)
  }

  if (detach) {
    await folder.create(description)
    await startDetached(config, description)
    const text = detach.json ? `${JSON.stringify({run_id: id}, undefined, 2)}\n` : `${id}\n`
    io.stdout.write(text)
    if (!quiet && !detach.json)
      context.printer.note(`The run continues without this terminal. See: clinvk runs show ${id.slice(0, 8)}`)
    return 0
  }

  const lock = hasLock ? undefined : await createLocked(folder, description)
  try {
    await log.add({type: 'run', pid: process.pid})
    const code = await runTasks(run, ready, {...options, keeper})
    if (io.interrupts().stop.aborted)
      context.printer.note(`What is not done can be run later: clinvk runs resume ${id.slice(0, 8)}`)
    return code
  } finally {
    await log.close()
    lock?.release()
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
  readonly context: Run['context']
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
  const {taskTrees} = await import('./worktrees.js')
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

/** Starts `clinvk runs resume` in a process of its own; resolves when that has the run. Throws a Failure where it ends before. */
async function startDetached(config: Config, {id, place}: RunDescription): Promise<void> {
  const {env} = ioOf(config)
  const folder = runFolder(id, env)
  const output = openSync(folder.outputPath, 'a', 0o600)
  const program = join(config.root, 'bin', 'run.js')
  const child = spawn(process.execPath, [program, 'runs', 'resume', id], {
    cwd: place,
    env: {...env},
    detached: true,
    stdio: ['ignore', output, output],
  })
  closeSync(output)
  // It has no pid then.
  child.on('error', () => undefined)
  child.unref()
  for (;;) {
    if (folder.events().some(({type}) => type === 'run')) return
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) {
      const command = quoteCommand(['cat', folder.outputPath])
      throw new Failure('unavailable', 'The run could not be started.', [`What it printed: ${command}`])
    }
    await new Promise((wake) => setTimeout(wake, POLL_MS))
  }
}

const POLL_MS = 50
