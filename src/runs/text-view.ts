import type {TurnEvent} from 'clinvk-contract'
import {oneLine} from 'clinvk-kit/format/text'
import {drawingOn} from 'clinvk-kit/format/terminal'
import {outcomeWord, type RunReport, type RunView} from 'clinvk-kit/runs/result'
import type {Task} from 'clinvk-kit/runs/task'
import {dryRunText} from '../output/dry-run.js'
import type {ShownRun} from '../output/data-formats.js'
import {denialNotice, eventNotice} from '../output/notices.js'
import type {Printer} from '../output/printer.js'
import {type TextOptions, TextOutput} from '../output/text-output.js'
import type {LiveProgress} from './live-progress.js'
import {endText, summaryText} from './summary.js'

export interface TextViewOptions {
  /**
   * How answers are printed: `blocks` whole, when their task has ended; `lines` as they come, each line with the name
   * of its task; `summary` by that; `none` not at all.
   */
  readonly answers: 'blocks' | 'lines' | 'summary' | 'none'
  /** Show no progress, only what goes wrong. */
  readonly quiet: boolean
  readonly summary: (report: RunReport) => string
}

/** For people, of tasks that run at the same time: answers and the summary on stdout, progress on stderr. */
export async function textView(
  printer: Printer,
  {answers, quiet, summary}: TextViewOptions,
): Promise<ShownRun> {
  const live = !printer.canRedraw ? undefined : await liveProgress(printer)
  const {isTTY} = printer.io.stdout
  const print = (text: string) => {
    if (isTTY) live?.clear()
    return printer.print(text)
  }
  const say = (text: string, task?: Task) => {
    live?.clear()
    printer.say(`${task ? `[${task.label}] ` : ''}${text}\n`)
  }
  const notice = (message: string, task?: Task) => {
    if (!quiet) say(`${printer.paint('yellow', 'Note:')} ${oneLine(message)}`, task)
  }
  return {
    keepsContent: answers === 'summary',
    notice,
    begin({past, tasks}) {
      live?.begin(tasks)
      for (const done of past) live?.finished(done)
    },
    output(task) {
      const lines = answers === 'lines' ? prefixedLines(`[${task.label}] `) : undefined
      return {
        needsContent: answers === 'blocks',
        start({backend}) {
          if (live) live.started(task, backend)
          else if (!quiet) say(`${backend} started`, task)
        },
        event(event: TurnEvent) {
          live?.event(task, event)
          const message = eventNotice(event, 'The agent')
          if (message !== undefined) notice(message, task)
          return event.type === 'text' && lines ? print(lines.take(event.text)) : undefined
        },
        notice: (message) => notice(message, task),
        done: () => lines && print(lines.rest()),
      }
    },
    finished(done) {
      const {backend, dryRun: prepared, result, task} = done
      live?.finished(done)
      for (const line of denialNotice(result, printer)) say(line, task)
      if (!live && !prepared && (!quiet || result.error)) {
        say(endText(outcomeWord(done), result, done.startedAt !== undefined), task)
        for (const hint of result.error?.hints ?? []) say(`  ${hint}`, task)
      }
      const text = prepared ? dryRunText(prepared) : result.content
      if (answers === 'none' || answers === 'summary' || text === '') return
      if (answers === 'lines') return prepared && print(prefixLines(`[${task.label}] `, text.trimEnd()))
      const heading = printer.paint('bold', `[${task.label}]`, printer.io.stdout)
      return print(`${heading} ${backend}\n${text.trimEnd()}\n\n`)
    },
    end(report) {
      live?.end()
      return printer.print(summary(report))
    },
    close: () => live?.end(),
  }
}

/**
 * For people, of tasks one after the other: their answers on stdout as they come, under headings; with `quiet` that of the
 * last one alone.
 */
export function chainView(
  printer: Printer,
  {quiet, ...shown}: Pick<TextOptions, 'showTiming' | 'showTokens'> & {readonly quiet: boolean},
): RunView {
  const headingOf =
    ({label, number, total}: Task) =>
    (backend: string) => {
      const {stdout} = printer.io
      const title = printer.paint('bold', `[${number}/${total}] ${label}`, stdout)
      return `${title} ${printer.paint('dim', `(${backend})`, stdout)}\n`
    }
  return {
    // Later steps need the answers of earlier ones.
    keepsContent: true,
    notice: (message) => printer.note(message),
    output: (task) =>
      new TextOutput(printer, {
        ...shown,
        needsContent: true,
        silent: quiet && task.number < task.total,
        heading: quiet ? undefined : headingOf(task),
      }),
    async finished({backend, dryRun: prepared, task}) {
      if (prepared) await printer.print(headingOf(task)(backend) + dryRunText(prepared))
      if (!quiet) await printer.print('\n')
    },
    end: (report) => (quiet ? undefined : printer.print(summaryText(report, printer))),
  }
}

async function liveProgress(printer: Printer): Promise<LiveProgress> {
  const {createLogUpdate} = await import('log-update')
  const {LiveProgress} = await import('./live-progress.js')
  return new LiveProgress(printer, createLogUpdate(drawingOn(printer.io.stderr)))
}

/** Every line of a text, behind `prefix`. */
export function prefixLines(prefix: string, text: string): string {
  return `${prefix}${text.replaceAll('\n', `\n${prefix}`)}\n`
}

/** The same for a text that comes in pieces: the lines that each completes, or ''; at the end the rest. */
function prefixedLines(prefix: string) {
  let rest = ''
  return {
    take(text: string): string {
      const end = text.lastIndexOf('\n')
      const whole = end === -1 ? '' : prefixLines(prefix, rest + text.slice(0, end))
      rest = end === -1 ? rest + text : text.slice(end + 1)
      return whole
    },
    rest: () => (rest === '' ? '' : prefixLines(prefix, rest)),
  }
}
