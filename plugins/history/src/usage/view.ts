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
    ...Object.fromEntries(TOKENS.map(([field, name]) => [name, sums[field]])),
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
    ...TOKENS.map(([, name]) => name),
    'cost_usd',
    'cost_source',
    'unpriced_calls',
  ]
  const lines = rows.map(({calls, fields, worth, ...sums}) => [
    ...names.map((name) => csvText(fields[name] ?? '')),
    calls,
    ...TOKENS.map(([field]) => sums[field] ?? ''),
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
  const width = terminalWidth ?? Infinity
  const sizeOf = ({total: tokens = 0, worth}: Total) => (total.worth.usd ? (worth.usd ?? 0) : tokens)
  const largest = Math.max(...rows.map(sizeOf))
  const all: readonly (Total & {readonly label: string})[] = [...rows, {...total, label: 'total'}]
  const columns: readonly Column[] = [
    {title: 'CALLS', keep: 5, cell: ({calls}) => formatNumber(calls)},
    {title: 'INPUT', keep: 4, cell: ({input}) => formatNumber(input)},
    {title: 'CACHED', keep: 3, cell: ({cached}) => formatNumber(cached)},
    {title: 'WRITTEN', keep: 2, cell: ({write}) => formatNumber(write)},
    {title: 'OUTPUT', keep: 4, cell: ({output}) => formatNumber(output)},
    {title: 'REASONING', keep: 1, cell: ({reasoning}) => formatNumber(reasoning)},
    {title: 'TOTAL', keep: 6, cell: ({total: tokens}) => formatNumber(tokens)},
    {title: 'API VALUE', keep: 7, cell: ({worth}) => worthText(worth)},
  ]
  const widthOf = ({cell, title}: Column) => Math.max(title.length, ...all.map((row) => cell(row).length))
  const labels = all.map(({label}) => oneLine(label))
  const longest = Math.max(by.length, ...labels.map(displayWidth))
  const needed = (shown: readonly Column[]) =>
    shown.reduce((sum, column) => sum + GAP.length + widthOf(column), 0)
  const hasRoom = (shown: readonly Column[]) => Math.min(longest, SHORTEST_LABEL) + needed(shown) <= width
  let shown = columns
  for (let least = 1; !hasRoom(shown) && least < 7; least++) shown = shown.filter(({keep}) => keep > least)
  const labelWidth = Math.max(1, Math.min(longest, width - needed(shown)))
  const room = width - labelWidth - needed(shown) - GAP.length
  const barWidth = terminalWidth === undefined || room < 4 ? 0 : Math.min(room, LONGEST_BAR)
  const line = (label: string, cells: readonly string[], bar: string) =>
    `${[padToWidth(cutToWidth(label, labelWidth), labelWidth), ...cells, bar].join(GAP).trimEnd()}\n`
  return [
    line(
      by.toUpperCase(),
      shown.map((column) => column.title.padStart(widthOf(column))),
      '',
    ),
    ...all.map((row, index) =>
      line(
        labels[index]!,
        shown.map((column) => column.cell(row).padStart(widthOf(column))),
        index === rows.length || largest <= 0 ? '' : barOf((sizeOf(row) / largest) * barWidth),
      ),
    ),
  ].join('')
}

interface Column {
  readonly title: string
  /** Those with less are left out first. */
  readonly keep: number
  readonly cell: (row: Total) => string
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

const TOKENS = [
  ['input', 'input_tokens'],
  ['cached', 'cached_tokens'],
  ['write', 'cache_write_tokens'],
  ['output', 'output_tokens'],
  ['reasoning', 'reasoning_tokens'],
  ['total', 'total_tokens'],
] as const satisfies readonly (readonly [keyof Sums, string])[]
const GAP = '  '
/** Columns that a label keeps before others are left out. */
const SHORTEST_LABEL = 16
const LONGEST_BAR = 20
