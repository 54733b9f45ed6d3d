import {stripVTControlCharacters} from 'node:util'
import {formatDuration} from 'clinvk-kit/format/time'
import {padToWidth} from 'clinvk-kit/format/table'
import wrap from 'wrap-ansi'
import {dryRun} from '../output/dry-run.js'
import type {Printer} from '../output/printer.js'
import type {RunReport} from './result-json.js'
import {summaryText} from './summary.js'
import type {TaskResult} from './task-result.js'
import {PrefixedLines} from './views/text-view.js'

/** The answers for people, beside each other where the terminal is wide enough, and the table below. */
export function compareText(report: RunReport, printer: Printer, {quiet}: {quiet: boolean}): string {
  const {columns = 80, isTTY} = printer.io.stdout
  const answered = report.results.filter((done) => answerOf(done) !== '')
  const width = isTTY ? Math.floor((columns - GAP.length * (answered.length - 1)) / answered.length) : 0
  const answers = !isTTY
    ? answered.map((done) => lined(done))
    : answered.length > 1 && width >= MIN_COLUMN_WIDTH
      ? [sideBySide(answered, width, printer)]
      : answered.map((done) => `${heading(done, printer)}\n${answerOf(done)}\n\n`)
  return answers.join('') + (quiet ? '' : summaryText(report, printer, {noun: 'backend'}))
}

function answerOf({dryRun: prepared, result}: TaskResult): string {
  return (prepared ? dryRun(prepared, 'text') : result.content).trimEnd()
}

/** Every line with its backend, for other programs. */
function lined(done: TaskResult): string {
  return new PrefixedLines(`[${done.backend}] `).take(`${answerOf(done)}\n`)
}

function heading({backend, result}: TaskResult, printer: Printer): string {
  const {duration_seconds: seconds, model} = result
  const about = [...(model === undefined ? [] : [model]), formatDuration(seconds * 1000)].join(', ')
  const {stdout} = printer.io
  return `${printer.paint('bold', backend, stdout)} ${printer.paint('dim', `(${about})`, stdout)}`
}

function sideBySide(results: readonly TaskResult[], width: number, printer: Printer): string {
  const texts = results.map((done) => {
    // A sequence that moves the cursor would tear the columns apart.
    const text = stripVTControlCharacters(answerOf(done)).replaceAll('\t', '    ').replaceAll('\r', '')
    return [
      wrap(heading(done, printer), width, {hard: true}),
      '',
      wrap(text, width, {hard: true, trim: false}),
    ]
      .join('\n')
      .split('\n')
  })
  const height = Math.max(...texts.map((lines) => lines.length))
  const rows = Array.from({length: height}, (_, row) =>
    texts
      .map((lines) => padToWidth(lines[row] ?? '', width))
      .join(GAP)
      .trimEnd(),
  )
  return `${rows.join('\n')}\n\n`
}

const GAP = '  │  '
const MIN_COLUMN_WIDTH = 36
