import {type Column, cutToWidth, table, widthOf} from 'clinvk-kit/format/table'
import {counted, formatNumber, oneLine} from 'clinvk-kit/format/text'
import {formatDuration} from 'clinvk-kit/format/time'
import {count, outcomeWord, type RunReport, type TaskResult} from 'clinvk-kit/runs/result'
import {keptTrees} from 'clinvk-kit/runs/store/task-tree'
import type {TurnResult} from 'clinvk-kit/turn/result'
import type {Printer} from '../output/printer.js'

/** The results of a run for people, a line each, then how many succeeded. */
export function summaryText(report: RunReport, printer: Printer): string {
  const {asked, endedAt, id, results, startedAt} = report
  const noun = NOUNS[asked.kind]
  const total = asked.kind === 'chain' ? asked.total : results.length
  const {stdout} = printer.io
  const columns = asked.kind === 'compare' ? [...COMMON, MODEL] : [NUMBER, ...COMMON, TASK]
  const rows = results.map((done) => columns.map(({cell}) => cell(done)))
  const [header = '', ...lines] = table(columns, rows, widthOf(stdout)).trimEnd().split('\n')
  const body = lines.flatMap((line, index) => {
    const {error} = results[index]!.result
    // The line itself says that a task was cancelled.
    if (!error || error.message === 'Cancelled.') return [line]
    const message = oneLine(error.message)
    return error.kind === 'cancelled'
      ? [line, printer.paint('dim', `   ${message}`, stdout)]
      : [line, printer.paint('red', `   Error: ${message}`, stdout)]
  })
  const {cancelled, completed, failed} = count(results)
  const skipped = results.filter(({isSkipped}) => isSkipped).length
  const isDryRun = results.every(({dryRun}) => dryRun)
  const counts = [
    `${counted(total, noun)}: ${isDryRun ? 'dry run, nothing was run' : `${completed} succeeded`}`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
    ...(cancelled > skipped ? [`${cancelled - skipped} cancelled`] : []),
    ...(total > results.length ? [`${total - results.length} not run`] : []),
    ...(isDryRun ? [] : [`in ${formatDuration(endedAt.getTime() - startedAt.getTime())}`]),
  ].join(', ')
  const isKept = results.some(({result}) => result.session_id !== undefined)
  const sessions = isKept ? [`Sessions: clinvk sessions list --run ${id.slice(0, 8)}`] : []
  const trees = keptTrees(
    id,
    results.map(({task: {label}, tree}) => ({label, tree})),
  )
  return `${[printer.paint('bold', header, stdout), ...body, '', counts, ...sessions, ...trees].join('\n')}\n`
}

/** `success in 2.5s, 1,234 tokens`, or what went wrong. */
export function endText(
  outcome: string,
  {duration_seconds: seconds, error, usage}: TurnResult,
  isTimed = true,
) {
  const tokens = usage?.total_tokens
  const time = isTimed ? ` in ${formatDuration(seconds * 1000)}` : ''
  const spent = tokens === undefined ? '' : `, ${formatNumber(tokens)} tokens`
  return `${outcome}${time}${spent}${error ? `: ${oneLine(error.message)}` : ''}`
}

const NOUNS = {parallel: 'task', chain: 'step', compare: 'backend'}

type ResultColumn = Column & {readonly cell: (done: TaskResult) => string}

const NUMBER: ResultColumn = {title: '#', width: 3, cell: ({task}) => String(task.number)}
const TASK: ResultColumn = {
  title: 'TASK',
  width: 0,
  cell: ({task}) => cutToWidth(oneLine(task.name ?? task.request.prompt), MAX_TASK_WIDTH),
}
const MODEL: ResultColumn = {title: 'MODEL', width: 0, cell: ({result}) => oneLine(result.model ?? '-')}
const COMMON: readonly ResultColumn[] = [
  {title: 'BACKEND', width: 8, cell: ({backend}) => backend},
  {title: 'OUTCOME', width: 9, cell: outcomeWord},
  {
    title: 'TIME',
    width: 7,
    cell: ({dryRun, result, startedAt}) =>
      dryRun || !startedAt ? '-' : formatDuration(result.duration_seconds * 1000),
  },
  {
    title: 'TOKENS',
    width: 8,
    cell: ({result: {usage}}) => (usage?.total_tokens === undefined ? '-' : formatNumber(usage.total_tokens)),
  },
  {title: 'SESSION', width: 8, cell: ({result}) => result.session_id?.slice(0, 8) ?? '-'},
]

const MAX_TASK_WIDTH = 60
