import type {OutputFormat} from 'clinvk-kit/turn/request'
import type {TurnOutput} from 'clinvk-kit/turn/context'
import type {TurnResult} from 'clinvk-kit/turn/result'
import {reportJson, type RunView} from 'clinvk-kit/runs/result'
import type {Printer} from './printer.js'

export interface ShownRun extends RunView {
  /** The run was refused before it began. */
  refused?(): void
  /** Clears what is drawn on the terminal; also where the run breaks off. */
  close?(): void
}

/** All that a format for programs prints, in each case. */
export interface DataFormat {
  turn(printer: Printer): TurnOutput
  run(printer: Printer): ShownRun
  /** The result of what did not start. */
  failed(printer: Printer, result: TurnResult): void | Promise<void>
  dryRun(printer: Printer, data: object): void | Promise<void>
}

export const DATA_FORMATS: Readonly<Record<Exclude<OutputFormat, 'text'>, DataFormat>> = {
  /** For scripts: the result as one object when all is over. */
  json: {
    turn: (printer) => ({
      needsContent: true,
      start() {},
      event() {},
      notice: (message) => printer.note(message),
      done(result) {
        if (result.error) printer.error(result.error)
        return printer.printJson(result)
      },
    }),
    run(printer) {
      const ignore = () => undefined
      const note = printer.note.bind(printer)
      const quiet = {needsContent: true, start: ignore, event: ignore, done: ignore}
      return {
        keepsContent: true,
        notice: note,
        output: ({label}) => ({...quiet, notice: (message) => note(`[${label}] ${message}`)}),
        end: (report) => printer.printJson(reportJson(report)),
      }
    },
    failed: (printer, result) => printer.printJson(result),
    dryRun: (printer, data) => printer.printJson(data),
  },

  /** For programs: each event as it comes, an object a line. */
  'stream-json': {
    turn: (printer) => eventLines(printer, printer.printLine.bind(printer), {}, VERSION),
    run(printer) {
      const about = ({label, number}: {label: string; number: number}) => ({task: number, task_id: label})
      // What is told before the run begins comes after its first line.
      let early: [type: string, fields: object][] | undefined = []
      const print = (type: string, fields: object) =>
        early ? void early.push([type, fields]) : printer.printLine(type, fields)
      const printEarly = (first: object = {}) => {
        for (const [index, [type, fields]] of early?.entries() ?? [])
          void printer.printLine(type, index === 0 ? {...first, ...fields} : fields)
        early = undefined
      }
      return {
        keepsContent: true,
        notice: (message) => void print('notice', {message}),
        begin({id, tasks}) {
          void printer.printLine('run', {...VERSION, run_id: id, tasks: tasks.map(about)})
          printEarly()
        },
        output: (task) => eventLines(printer, print, about(task)),
        // A task that did not run has had no output.
        finished: ({result, startedAt, task}) =>
          startedAt ? undefined : print('done', {...about(task), ...result}),
        end: (report) => print('run_done', reportJson(report)),
        refused: () => printEarly(VERSION),
      }
    },
    failed: (printer, result) => printer.printLine('done', {...VERSION, ...result}),
    dryRun: (printer, data) => printer.print(`${JSON.stringify(data)}\n`),
  },
}

const VERSION = {version: 1}

/** `each` and `first` are further fields of all lines, and of the first one. */
function eventLines(
  printer: Printer,
  print: Printer['printLine'],
  each: object,
  first: object = {},
): TurnOutput {
  // Copying the fields of each event would take a tenth of the time.
  const isPlain = Object.keys(each).length === 0
  let isFirst = true
  let session: string | undefined
  const line = (type: string, fields: object) => {
    const all = isFirst ? {...first, ...each, ...fields} : isPlain ? fields : {...each, ...fields}
    isFirst = false
    return print(type, all)
  }
  return {
    needsContent: true,
    start({sessionId}) {
      session = sessionId
    },
    // Our own id beside the agent's: from the first event on, a program knows what it can resume.
    event: (event) => line(event.type, event.type === 'session' ? {...event, session_id: session} : event),
    notice: (message) => void line('notice', {message}),
    done(result) {
      if (result.error) printer.error(result.error)
      return line('done', result)
    },
  }
}
