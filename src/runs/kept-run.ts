import {spawn} from 'node:child_process'
import {closeSync, openSync} from 'node:fs'
import {join, resolve} from 'node:path'
import type {Config} from '@oclif/core'
import {Failure} from 'clinvk-kit/errors/failure'
import {ioOf} from 'clinvk-kit/command'
import {quoteCommand} from 'clinvk-kit/format/text'
import {randomHex} from 'clinvk-kit/format/random-id'
import {type PlannedRun, planRun} from 'clinvk-kit/runs/kept-run'
import type {RunView} from 'clinvk-kit/runs/result'
import {RUN_FILES} from 'clinvk-kit/runs/run-file-schema'
import {type PastTask, pastTasks} from 'clinvk-kit/runs/store/past'
import type {KeptRun} from 'clinvk-kit/runs/store/kept-runs'
import {type RunDescription, runFolder, type RunFlags} from 'clinvk-kit/runs/store/run-folder'
import type {OutputFlags} from '../output/format.js'
import type {PromptContext} from '../prompt/context.js'
import {readRunFile} from './run-file.js'
import {withRunView} from './run-view.js'
import {summaryText} from './summary.js'
import {chainView, textView} from './text-view.js'

/** The flags that say how a run is shown. */
export interface ShownFlags extends OutputFlags {
  readonly quiet: boolean
}

export interface NewRun {
  readonly command: RunDescription['command']
  readonly flags: RunFlags &
    ShownFlags & {readonly file?: string; readonly detach?: boolean; readonly workdir?: string}
  /** Prompts from the command line, in place of a run file. */
  readonly prompts?: readonly string[]
}

/** Runs what a command was asked for; returns the exit code. */
export function runNew(config: Config, run: NewRun): Promise<number> {
  const {command, flags} = run
  return withRunView(config, flags, textViewOf(command, flags.quiet), (context, view) =>
    start(config, run, context, view),
  )
}

async function start(
  config: Config,
  {command, flags, prompts = []}: NewRun,
  context: PromptContext,
  view: RunView,
): Promise<number> {
  const {detach, file: path, json, 'output-format': _format, quiet, ...asked} = flags
  const {io, place, printer} = context
  if (prompts.length > 0 && path !== undefined)
    throw new Failure('usage', 'The tasks are given twice: as arguments and with --file.')
  const file =
    prompts.length > 0 ? {[RUN_FILES[command].list]: prompts} : await readRunFile(command, path, io)
  const inCwd = (name: string | undefined) => (name === undefined ? undefined : resolve(io.cwd, name))
  const id = randomHex()
  const description: RunDescription = {
    version: 1,
    id,
    command,
    started_at: io.now().toISOString(),
    place,
    path: path === '-' ? undefined : inCwd(path),
    flags: {
      ...asked,
      workdir: undefined,
      config: inCwd(asked.config),
      'output-dir': inCwd(asked['output-dir']),
    },
    file,
  }
  const planned = await planRun(config, description, context, {view})
  if (!detach) return runPlanned(planned, context, id)
  if (!planned.isKept)
    throw new Failure('usage', '--detach needs a run that is kept: leave out --ephemeral and --dry-run.')
  await planned.folder.create(description)
  await startDetached(config, description)
  io.stdout.write(json ? `${JSON.stringify({run_id: id}, undefined, 2)}\n` : `${id}\n`)
  if (!quiet && !json)
    printer.note(`The run continues without this terminal. See: clinvk runs show ${id.slice(0, 8)}`)
  return 0
}

/** Runs what is left of a run; with `retry` also what has failed. Returns the exit code. */
export async function runAgain(
  config: Config,
  {description, folder}: KeptRun,
  {quiet, ...shown}: ShownFlags & Pick<RunFlags, 'max-cost' | 'max-tokens'>,
  retry?: (past: ReadonlyMap<number, PastTask>) => readonly number[],
): Promise<number> {
  const {command, id, place} = description
  // First, so that nobody adds to the log that is read.
  const lock = folder.acquire(id)
  try {
    const given = Object.entries<unknown>(shown).filter(([, value]) => value !== undefined)
    const flags: RunFlags & OutputFlags = {...description.flags, ...Object.fromEntries(given)}
    const shows = {...flags, quiet, workdir: place}
    return await withRunView(config, shows, textViewOf(command, quiet), async (context, view) => {
      const log = folder.log(context.io, view.notice.bind(view))
      for (const task of retry?.(pastTasks(folder.events())) ?? []) await log.add({type: 'retry', task})
      await log.close()
      const planned = await planRun(config, {...description, flags}, context, {hasLock: true, view})
      return runPlanned(planned, context, id)
    })
  } finally {
    lock.release()
  }
}

async function runPlanned(planned: PlannedRun, {io, printer}: PromptContext, id: string): Promise<number> {
  const interrupts = io.interrupts()
  printer.hurryAt(interrupts.hurry)
  const exitCode = await planned.run(interrupts)
  if (planned.isKept && interrupts.stop.aborted)
    printer.note(`Run the unfinished tasks later: clinvk runs resume ${id.slice(0, 8)}`)
  return exitCode
}

function textViewOf(command: RunDescription['command'], quiet: boolean) {
  return ({io, printer, settings}: PromptContext) => {
    const {show_timing: showTiming, show_tokens: showTokens} = settings.output
    if (command === 'chain') return chainView(printer, {quiet, showTokens, showTiming})
    return textView(printer, {
      answers: quiet ? 'none' : io.stdout.isTTY ? 'blocks' : 'lines',
      quiet,
      summary: (report) => (settings.parallel.aggregate_output ? summaryText(report, printer) : ''),
    })
  }
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
