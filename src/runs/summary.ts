import {formatDuration} from 'clinvk-kit/format/time'
import {formatNumber, oneLine} from 'clinvk-kit/format/text'
import {cutToWidth, table, type Column} from 'clinvk-kit/format/table'
import type {Printer} from '../output/printer.js'
import type {RunReport} from './result-json.js'
import {count, type TaskResult} from './task-result.js'

/** The results of a run for people, a line each, and what they come to. */
export function summaryText(
  {endedAt, id, results, startedAt}: RunReport,
  printer: Printer,
  {noun, total = results.length}: {noun: 'task' | 'step' | 'backend'; total?: number},
): string {
  const {stdout} = printer.io
  const width = stdout.isTTY ? stdout.columns : undefined
  const columns = noun === 'backend' ? [...COMMON, MODEL] : [NUMBER, ...COMMON, TASK]
  const rows = results.map((done) => columns.map(({cell}) => cell(done)))
  const [header = '', ...lines] = table(columns, rows, width).trimEnd().split('\n')
  const body = lines.flatMap((line, index) => {
    const {error} = results[index]!.result
    // That a task was cancelled stands in its line already.
    if (!error || error.message === 'Cancelled.') return [line]
    return error.kind === 'cancelled'
      ? [line, printer.paint('dim', `   ${oneLine(error.message)}`, stdout)]
      : [line, printer.paint('red', `   Error: ${oneLine(error.message)}`, stdout)]
  })
  const {cancelled, completed, failed} = count(results)
  const counts = [
    `${total} ${noun}${total === 1 ? '' : 's'}: ${completed} succeeded`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(cancelled > 0 ? [`${cancelled} cancelled`] : []),
    ...(total > results.length ? [`${total - results.length} not run`] : []),
  ].join(', ')
  const isKept = results.some(({result}) => result.session_id !== undefined)
  return [
    printer.paint('bold', header, stdout),
    ...body,
    '',
    `${counts}, in ${formatDuration(endedAt.getTime() - startedAt.getTime())}`,
    ...(isKept ? [`Their sessions: clinvk sessions list --run ${id.slice(0, 8)}`] : []),
  ]
    .map((line) => `${line}\n`)
    .join('')
}

type ResultColumn = Column & {readonly cell: (done: TaskResult) => string}

const NUMBER: ResultColumn = {title: '#', width: 3, cell: ({task}) => String(task.number)}
const TASK: ResultColumn = {
  title: 'TASK',
  width: 0,
  cell: ({task}) => cutToWidth(oneLine(task.name ?? task.request.prompt), LONGEST),
}
const MODEL: ResultColumn = {title: 'MODEL', width: 0, cell: ({result}) => result.model ?? '-'}
const COMMON: readonly ResultColumn[] = [
  {title: 'BACKEND', width: 8, cell: ({backend}) => backend},
  {title: 'OUTCOME', width: 9, cell: ({dryRun, result}) => (dryRun ? 'dry run' : result.outcome)},
  {
    title: 'TIME',
    width: 7,
    cell: ({dryRun, result, startedAt}) =>
      dryRun || startedAt === undefined ? '-' : formatDuration(result.duration_seconds * 1000),
  },
  {
    title: 'TOKENS',
    width: 8,
    cell: ({result}) => {
      const total = result.usage?.total_tokens
      return total === undefined ? '-' : formatNumber(total)
    },
  },
  {title: 'SESSION', width: 8, cell: ({result}) => result.session_id?.slice(0, 8) ?? '-'},
]

const LONGEST = 60
