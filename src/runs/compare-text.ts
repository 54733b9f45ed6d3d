import {stripVTControlCharacters} from 'node:util'
import {formatDuration} from 'clinvk-kit/format/time'
import {padToWidth, widthOf} from 'clinvk-kit/format/table'
import {oneLine} from 'clinvk-kit/format/text'
import {visible} from 'clinvk-kit/format/visible'
import wrap from 'wrap-ansi'
import type {RunReport, TaskResult} from 'clinvk-kit/runs/result'
import {dryRunText} from '../output/dry-run.js'
import type {Printer} from '../output/printer.js'
import {summaryText} from './summary.js'
import {prefixLines} from './text-view.js'

/** The answers for people, beside each other where the terminal is wide enough, and the table below. */
export function compareText(report: RunReport, printer: Printer, {quiet}: {quiet: boolean}): string {
  const {stdout} = printer.io
  const answered = report.results.filter((done) => answerOf(done) !== '')
  const width = Math.floor((widthOf(stdout) - GAP.length * (answered.length - 1)) / answered.length)
  const answers = !stdout.isTTY
    ? answered.map((done) => prefixLines(`[${done.backend}] `, answerOf(done)))
    : answered.length > 1 && width >= MIN_COLUMN_WIDTH
      ? [sideBySide(answered, width, printer)]
      : answered.map((done) => `${heading(done, printer)}\n${answerOf(done)}\n\n`)
  return answers.join('') + (quiet ? '' : summaryText(report, printer))
}

function answerOf({dryRun: prepared, result}: TaskResult): string {
  return (prepared ? dryRunText(prepared) : result.content).trimEnd()
}

function heading({backend, result}: TaskResult, printer: Printer): string {
  const {duration_seconds: seconds, model} = result
  const about = [...(model === undefined ? [] : [oneLine(model)]), formatDuration(seconds * 1000)].join(', ')
  const {stdout} = printer.io
  return `${printer.paint('bold', backend, stdout)} ${printer.paint('dim', `(${about})`, stdout)}`
}

function sideBySide(results: readonly TaskResult[], width: number, printer: Printer): string {
  const columns = results.map((done) => {
    // Colours would run into the next column.
    const text = visible(
      stripVTControlCharacters(answerOf(done)).replaceAll('\r\n', '\n').replaceAll('\t', '    '),
    )
    const head = wrap(heading(done, printer), width, {hard: true})
    return `${head}\n\n${wrap(text, width, {hard: true, trim: false})}`.split('\n')
  })
  const height = Math.max(...columns.map((lines) => lines.length))
  const rows = Array.from({length: height}, (_, row) => {
    const cells = columns.map((lines) => padToWidth(lines[row] ?? '', width))
    return `${cells.join(GAP).trimEnd()}\n`
  })
  return `${rows.join('')}\n`
}

const GAP = '  │  '
const MIN_COLUMN_WIDTH = 36
