import {randomHex} from 'clinvk-kit/format/random-id'
import {resolve} from 'node:path'
import type {Config} from '@oclif/core'
import type {TurnOutput} from 'clinvk-kit/turn/context'
import {streamJsonOutput} from '../output/turn-output.js'
import {type ContextFlags, loadContext, type PromptContext} from '../prompt/context.js'
import {resultFiles} from './output-dir.js'
import type {ReadyTask} from './prepare-tasks.js'
import {exitCodeOf, type RunReport, type TaskResult} from './result.js'
import type {TaskDescription} from './run-file-schema.js'
import {runAll, type Schedule} from './schedule.js'
import type {Task} from './task.js'

export interface Run {
  /** 32 hexadecimal digits. */
  readonly id: string
  readonly context: PromptContext
}

export interface RunView {
  /** Whether results must hold their answers at the end of the run. */
  readonly keepsContent: boolean
  /** For the user, about the whole run. */
  notice(message: string): void
  /** Before the first task starts. */
  begin?(run: {readonly id: string; readonly tasks: readonly Task[]}): void | Promise<void>
  output(task: Task): TurnOutput
  /** After a task's last event, whether it ran or not. */
  finished?(done: TaskResult): void | Promise<void>
  end(report: RunReport): void | Promise<void>
  /** Clears what is drawn on the terminal; also where the run breaks off. */
  close?(): void
}

export async function startRun(config: Config, flags: ContextFlags): Promise<Run> {
  const context = await loadContext(config, flags)
  if (context.format !== 'stream-json') for (const note of context.notes) context.printer.note(note)
  return {id: randomHex(), context}
}

/** The view for the format of the run; `json` is the report as data, `text` makes the view for people. */
export function createView(
  {context: {format, printer}}: Run,
  json: (report: RunReport) => object,
  text: () => RunView | Promise<RunView>,
): RunView | Promise<RunView> {
  if (format === 'text') return text()
  if (format === 'json') {
    const ignore = () => undefined
    const note = printer.note.bind(printer)
    const quiet = {needsContent: true, start: ignore, event: ignore, done: ignore}
    return {
      keepsContent: true,
      notice: note,
      output: ({label}) => ({...quiet, notice: (message) => note(`[${label}] ${message}`)}),
      end: (report) => printer.printJson(json(report)),
    }
  }
  const about = ({label, number}: Task) => ({task: number, task_id: label})
  return {
    keepsContent: true,
    notice: (message) => void printer.printLine('notice', {message}),
    begin: ({id, tasks}) => printer.printLine('run', {version: 1, run_id: id, tasks: tasks.map(about)}),
    output: (task) => streamJsonOutput(printer, {each: about(task)}),
    // A task that did not run has had no output.
    finished: ({result, startedAt, task}) =>
      startedAt ? undefined : printer.printLine('done', {...about(task), ...result}),
    end: (report) => printer.printLine('run_done', json(report)),
  }
}

/** Files written for another program of this kind may have the field. */
export function noteFormats(tasks: readonly TaskDescription[], view: RunView): void {
  if (tasks.some((task) => task.output_format !== undefined))
    view.notice('output_format of a task has no effect: -o sets the format of the results.')
}

export interface RunTasksOptions {
  readonly view: RunView
  /** The report as it is written to `outputDir`. */
  readonly json: (report: RunReport) => object
  readonly schedule: Schedule
  /** A directory that takes the results, too. */
  readonly outputDir?: string
  /** Results of tasks that could not even be prepared. */
  readonly unprepared?: readonly TaskResult[]
}

/** Runs tasks and shows them to the user; returns the exit code of the run. */
export async function runTasks(
  {context: {format, io, notes, printer}, id}: Run,
  ready: readonly ReadyTask[],
  {json, outputDir, schedule, unprepared = [], view}: RunTasksOptions,
): Promise<number> {
  const files = outputDir ? resultFiles(resolve(io.cwd, outputDir), view.notice.bind(view)) : undefined
  const interrupts = io.interrupts()
  printer.hurryAt(interrupts.hurry)
  const startedAt = io.now()
  const onEnd = async (done: TaskResult) => {
    files?.task(done)
    await view.finished?.(done)
    // A long answer that is not needed any more takes no memory.
    return view.keepsContent ? done : {...done, result: {...done.result, content: ''}}
  }
  try {
    const tasks = [...ready, ...unprepared].map(({task}) => task).sort((a, b) => a.number - b.number)
    await view.begin?.({id, tasks})
    if (format === 'stream-json') for (const note of notes) view.notice(note)
    const results = [
      ...(await Promise.all(unprepared.map(onEnd))),
      ...(await runAll(ready, schedule, interrupts, onEnd)),
    ].sort((a, b) => a.task.number - b.task.number)
    const report = {id, results, startedAt, endedAt: io.now()}
    files?.summary(json(report))
    await view.end(report)
    return exitCodeOf(results, interrupts.stop.aborted) || (files?.isIncomplete ? 1 : 0)
  } finally {
    view.close?.()
  }
}
