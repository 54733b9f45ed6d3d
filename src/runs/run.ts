import {randomBytes} from 'node:crypto'
import type {Config} from '@oclif/core'
import type {Interrupts} from 'clinvk-kit/io'
import {type ContextFlags, loadContext, type PromptContext} from '../prompt/context.js'
import type {ReadyTask} from './check-tasks.js'
import type {OutputDirectory} from './output-dir.js'
import type {RunReport} from './result-json.js'
import type {RunView} from './run-view.js'
import {exitCodeOf, type TaskResult} from './task-result.js'
import {JsonView} from './views/json-view.js'
import {StreamJsonView} from './views/stream-json-view.js'

/** What the turns of one command have in common. */
export interface Run {
  /** 32 hexadecimal digits. */
  readonly id: string
  readonly context: PromptContext
}

export async function startRun(config: Config, flags: ContextFlags): Promise<Run> {
  const context = await loadContext(config, flags)
  if (context.format !== 'stream-json') for (const note of context.notes) context.printer.note(note)
  return {id: randomBytes(16).toString('hex'), context}
}

/** The view for the format of the run; `json` is the report as data, `text` makes the view for people. */
export function createView(
  {context: {format, printer}}: Run,
  json: (report: RunReport) => object,
  text: () => RunView | Promise<RunView>,
): RunView | Promise<RunView> {
  switch (format) {
    case 'json':
      return new JsonView(printer, json)
    case 'stream-json':
      return new StreamJsonView(printer, json)
    case 'text':
      return text()
  }
}

export interface RunTasksOptions {
  readonly view: RunView
  /** Takes the results, too. */
  readonly directory?: OutputDirectory
  /** The report as it is written there. */
  readonly json: (report: RunReport) => object
  /** Runs the tasks; each that has ended is given to `onEnd`, and kept as that gives it back. */
  readonly runAll: (
    interrupts: Interrupts,
    onEnd: (done: TaskResult) => Promise<TaskResult>,
  ) => Promise<TaskResult[]>
}

/** Runs tasks and shows them to the user; returns the exit code of the run. */
export async function runTasks(
  {context: {format, io, notes, printer}, id}: Run,
  ready: readonly Pick<ReadyTask, 'task'>[],
  {directory, json, runAll, view}: RunTasksOptions,
): Promise<number> {
  const interrupts = io.interrupts()
  printer.hurryAt(interrupts.hurry)
  const startedAt = io.now()
  try {
    await view.begin({id, tasks: ready.map(({task}) => task)})
    if (format === 'stream-json') for (const note of notes) view.notice(note)
    const results = await runAll(interrupts, async (done) => {
      directory?.task(done)
      await view.finished(done)
      // A long answer that nobody needs any more takes no memory.
      return view.keepsContent ? done : {...done, result: {...done.result, content: ''}}
    })
    const report = {id, results, startedAt, endedAt: io.now()}
    directory?.summary(json(report))
    await view.end(report)
    return exitCodeOf(results, interrupts.stop.aborted) || (directory?.isIncomplete ? 1 : 0)
  } finally {
    view.close()
  }
}
