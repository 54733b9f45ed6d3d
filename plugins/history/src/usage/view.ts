import {cutToWidth, displayWidth, padToWidth} from 'clinvk-kit/format/table'
import type {UsageData} from 'clinvk-kit/for-plugins/history'
import {formatNumber, oneLine} from 'clinvk-kit/format/text'
import type {Group, Key, Sums} from './group.js'
import {worthText, type Worth} from './prices.js'

/** What names a group: fields for scripts, a label for people. */
export interface About {
  readonly fields: Readonly<Record<string, string | undefined>>
  readonly label: string
}

export type Row = Omit<Group, 'key' | 'sample'> & About

export type Total = Omit<Row, keyof About>

/** The shape of `usage --json`. Unknown counts are absent. */
export function usageJson(rows: readonly Row[], total: Total): UsageData {
  return {rows: rows.map((row) => ({...row.fields, ...numbersOf(row)})), total: numbersOf(total)}
}

function numbersOf({calls, worth, ...sums}: Total): Readonly<Record<string, unknown>> {
  const {source, unpriced, usd} = worth
  return {
    calls,
    ...Object.fromEntries(TOKENS.map(({field, name}) => [name, sums[field]])),
    cost: {usd: rounded(usd), source, unpriced_calls: unpriced || undefined},
  }
}

function rounded(usd: number | undefined): number | undefined {
  return usd === undefined ? undefined : Math.round(usd * 1e6) / 1e6
}

/** With a header; a text that a spreadsheet would take for a formula gets a `'` before it. */
export function usageCsv(rows: readonly Row[], by: Key): string {
  const names = Object.keys(rows[0]?.fields ?? {[by]: ''})
  const header = [
    ...names,
    'calls',
    ...TOKENS.map(({name}) => name),
    'cost_usd',
    'cost_source',
    'unpriced_calls',
  ]
  const lines = rows.map(({calls, fields, worth, ...sums}) => [
    ...names.map((name) => csvText(fields[name] ?? '')),
    calls,
    ...TOKENS.map(({field}) => sums[field] ?? ''),
    rounded(worth.usd) ?? '',
    worth.source,
    worth.unpriced,
  ])
  return [header, ...lines].map((cells) => `${cells.join(',')}\n`).join('')
}

function csvText(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

/**
 * For people, with all at the end. On a terminal a bar shows what each row is of the largest, and where the terminal
 * is narrow, columns that say less are left out.
 */
export function usageTable(rows: readonly Row[], total: Total, by: Key, terminalWidth?: number): string {
  const all: readonly Total[] = [...rows, total]
  const columnOf = (title: string, keep: number, cell: (row: Total) => string) => {
    const cells = [title, ...all.map(cell)]
    const width = Math.max(...cells.map(({length}) => length))
    return {keep, needed: GAP.length + width, cells: cells.map((text) => text.padStart(width))}
  }
  /** Those that are kept less are left out first. */
  let columns = [
    columnOf('CALLS', 5, ({calls}) => formatNumber(calls)),
    ...TOKENS.map(({field, keep, title}) => columnOf(title, keep, (row) => formatNumber(row[field]))),
    columnOf('API VALUE', 7, ({worth}) => worthText(worth)),
  ]
  const labels = [by.toUpperCase(), ...rows.map(({label}) => oneLine(label)), 'total']
  const longest = Math.max(...labels.map(displayWidth))
  const room = () => (terminalWidth ?? Infinity) - columns.reduce((sum, {needed}) => sum + needed, 0)
  for (let least = 1; room() < Math.min(longest, SHORTEST_LABEL) && least < 7; least++)
    columns = columns.filter(({keep}) => keep > least)
  const labelWidth = Math.max(1, Math.min(longest, room()))
  const barRoom = room() - labelWidth - GAP.length
  const barWidth = terminalWidth === undefined || barRoom < 4 ? 0 : Math.min(barRoom, LONGEST_BAR)
  const sizeOf = ({total: tokens = 0, worth}: Total) => (total.worth.usd ? (worth.usd ?? 0) : tokens)
  const largest = Math.max(...rows.map(sizeOf))
  const lines = labels.map((label, line) => {
    const row = rows[line - 1]
    const bar = row && largest > 0 ? barOf((sizeOf(row) / largest) * barWidth) : ''
    return [
      padToWidth(cutToWidth(label, labelWidth), labelWidth),
      ...columns.map(({cells}) => cells[line]!),
      bar,
    ]
  })
  return lines.map((cells) => `${cells.join(GAP).trimEnd()}\n`).join('')
}

/** So many columns of a terminal, to an eighth. */
function barOf(columns: number): string {
  const eighths = Math.round(columns * 8)
  return '█'.repeat(eighths / 8) + ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'][eighths % 8]!
}

/** What is to be said about the values, a sentence a line. */
export function remarks({unpriced, usd}: Worth, models: readonly string[]): string {
  const known =
    usd === undefined
      ? ''
      : 'API value: what the tokens cost at the prices of the providers; a subscription does not go by them.\n'
  if (unpriced === 0) return known
  const names = models.slice(0, 5).map((model) => oneLine(model) || 'no name')
  const which = names.length > 0 ? ` (models: ${names.join(', ')}${models.length > 5 ? ', …' : ''})` : ''
  return `${known}Unknown for ${formatNumber(unpriced)} of the calls${which}. Prices of your own: the setting prices.\n`
}

/** `keep`: of a narrow terminal, as `usageTable` says. */
const TOKENS = [
  {field: 'input', name: 'input_tokens', title: 'INPUT', keep: 4},
  {field: 'cached', name: 'cached_tokens', title: 'CACHED', keep: 3},
  {field: 'write', name: 'cache_write_tokens', title: 'WRITTEN', keep: 2},
  {field: 'output', name: 'output_tokens', title: 'OUTPUT', keep: 4},
  {field: 'reasoning', name: 'reasoning_tokens', title: 'REASONING', keep: 1},
  {field: 'total', name: 'total_tokens', title: 'TOTAL', keep: 6},
] as const satisfies readonly {readonly field: keyof Sums; name: string; title: string; keep: number}[]
const GAP = '  '
/** Columns that a label keeps before others are left out. */
const SHORTEST_LABEL = 16
const LONGEST_BAR = 20
