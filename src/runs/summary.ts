import {cutToWidth, table, widthOf} from 'clinvk-kit/format/table'
import {counted, formatNumber, oneLine} from 'clinvk-kit/format/text'
import {formatDuration} from 'clinvk-kit/format/time'
import {count, outcomeWord, type RunReport} from 'clinvk-kit/runs/result'
import {keptTrees} from 'clinvk-kit/runs/store/task-tree'
import type {TurnResult} from 'clinvk-kit/turn/result'
import type {Printer} from '../output/printer.js'

/** The results of a run for people, a line each, then how many succeeded. */
export function summaryText(report: RunReport, printer: Printer): string {
  const {asked, endedAt, id, results, startedAt, total} = report
  const noun = NOUNS[asked.kind]
  const {stdout} = printer.io
  const isCompared = asked.kind === 'compare'
  const tasks = results.map((done): TaskLine => {
    const {backend, dryRun, result, startedAt, task} = done
    return {
      number: isCompared ? undefined : task.number,
      backend,
      state: outcomeWord(done),
      result: dryRun || !startedAt ? undefined : result,
      session: result.session_id,
      last: isCompared
        ? oneLine(result.model ?? '-')
        : cutToWidth(oneLine(task.name ?? task.request.prompt), MAX_TASK_WIDTH),
    }
  })
  const text = taskTable(tasks, ['OUTCOME', isCompared ? 'MODEL' : 'TASK'], widthOf(stdout))
  const [header = '', ...lines] = text.trimEnd().split('\n')
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
  const isKept = results.some(({result}) => result.session_id !== undefined && result.session_saved !== false)
  const short = id.slice(0, 8)
  const hasFailed = results.some(
    ({result: {error}, startedAt}) => startedAt && error && error.kind !== 'cancelled',
  )
  const next = [
    ...(isKept ? [`Sessions: clinvk sessions list --run ${short}`] : []),
    ...(isKept && hasFailed && !isCompared ? [`Run again what has failed: clinvk runs retry ${short}`] : []),
  ]
  const trees = keptTrees(
    id,
    results.map(({task: {label}, tree}) => ({label, tree})),
  )
  return `${[printer.paint('bold', header, stdout), ...body, '', counts, ...next, ...trees].join('\n')}\n`
}

/** What a table says of a task; what is not known is a dash. */
export interface TaskLine {
  readonly number?: number
  readonly backend?: string
  readonly state: string
  readonly result?: Pick<TurnResult, 'duration_seconds' | 'usage'>
  readonly session?: string
  readonly last: string
}

/** A line for each task, below a header; `titles` are those of the state and of the last column. Numbers may be left out. */
export function taskTable(
  tasks: readonly TaskLine[],
  titles: readonly [state: string, last: string],
  width: number | undefined,
): string {
  const isNumbered = tasks.some(({number}) => number !== undefined)
  const columns = [
    ...(isNumbered ? [{title: '#', width: 3}] : []),
    {title: 'BACKEND', width: 8},
    {title: titles[0], width: 11},
    {title: 'TIME', width: 7},
    {title: 'TOKENS', width: 8},
    {title: 'SESSION', width: 8},
    {title: titles[1], width: 0},
  ]
  const rows = tasks.map(({backend = '-', last, number, result, session, state}) => [
    ...(isNumbered ? [String(number)] : []),
    backend,
    state,
    result ? formatDuration(result.duration_seconds * 1000) : '-',
    formatNumber(result?.usage?.total_tokens),
    session?.slice(0, 8) ?? '-',
    last,
  ])
  return table(columns, rows, width)
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

const MAX_TASK_WIDTH = 60
