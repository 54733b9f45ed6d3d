import {randomHex} from 'clinvk-kit/format/random-id'
import {resolve} from 'node:path'
import type {Config} from '@oclif/core'
import {DATA_FORMATS} from '../output/data-formats.js'
import {type ContextFlags, loadContext, type PromptContext} from '../prompt/context.js'
import {resultFiles} from './output-dir.js'
import type {ReadyTask} from './prepare-tasks.js'
import {exitCodeOf, type RunReport, type RunView, type TaskResult} from './result.js'
import type {TaskDescription} from './run-file-schema.js'
import {runAll, type Schedule} from './schedule.js'

export interface Run {
  /** 32 hexadecimal digits. */
  readonly id: string
  readonly context: PromptContext
}

export async function startRun(config: Config, flags: ContextFlags): Promise<Run> {
  const context = await loadContext(config, flags)
  if (!hasNotices(context)) for (const note of context.notes) context.printer.note(note)
  return {id: randomHex(), context}
}

/** The view for the format of the run; `json` is the report as data, `text` makes the view for people. */
export function createView(
  {context: {format, printer}}: Run,
  json: (report: RunReport) => object,
  text: () => RunView | Promise<RunView>,
): RunView | Promise<RunView> {
  return format === 'text' ? text() : DATA_FORMATS[format].run(printer, json)
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
  {context, id}: Run,
  ready: readonly ReadyTask[],
  {json, outputDir, schedule, unprepared = [], view}: RunTasksOptions,
): Promise<number> {
  const {io, notes, printer} = context
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
    if (hasNotices(context)) for (const note of notes) view.notice(note)
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

function hasNotices({format}: PromptContext): boolean {
  return format !== 'text' && DATA_FORMATS[format].hasNotices
}
