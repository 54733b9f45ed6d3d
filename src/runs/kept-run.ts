import {spawn} from 'node:child_process'
import {closeSync, openSync} from 'node:fs'
import {join, resolve} from 'node:path'
import type {Config} from '@oclif/core'
import {Failure} from 'clinvk-kit/errors/failure'
import {ioOf} from 'clinvk-kit/command'
import {quoteCommand} from 'clinvk-kit/format/text'
import {planRun} from 'clinvk-kit/runs/kept-run'
import {RUN_KINDS, type RunFlags} from 'clinvk-kit/runs/run-kinds'
import {type PastTask, pastTasks} from 'clinvk-kit/runs/store/past'
import {type KeptRun, type RunDescription, runFolder} from 'clinvk-kit/runs/store/run-folder'
import type {OutputFlags} from '../output/format.js'
import type {ContextFlags} from '../prompt/context.js'
import {readRunFile} from './run-file.js'
import {RUN_VIEWS} from './run-views.js'
import {createView, type ShownRun, startRun} from './shown-run.js'

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
  run: ShownRun,
  description: RunDescription,
  {detach, hasLock, quiet}: HowToRun,
): Promise<number> {
  const {context, id, notes} = run
  const {io, printer} = context
  const planned = await planRun(config, description, context, {
    hasLock,
    view: (plan) =>
      createView(run, plan.json.bind(plan), () => RUN_VIEWS[description.command](plan, context, quiet)),
  })
  if (detach) {
    if (!planned.isKept)
      throw new Failure('usage', '--detach keeps the run, which --ephemeral and --dry-run do not.')
    await planned.folder.create(description)
    await startDetached(config, description)
    const text = detach.json ? `${JSON.stringify({run_id: id}, undefined, 2)}\n` : `${id}\n`
    io.stdout.write(text)
    if (!quiet && !detach.json)
      printer.note(`The run continues without this terminal. See: clinvk runs show ${id.slice(0, 8)}`)
    return 0
  }

  const interrupts = io.interrupts()
  printer.hurryAt(interrupts.hurry)
  const {exitCode} = await planned.run(interrupts, notes)
  if (planned.isKept && interrupts.stop.aborted)
    printer.note(`What is not done can be run later: clinvk runs resume ${id.slice(0, 8)}`)
  return exitCode
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
