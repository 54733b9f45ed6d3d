/** The rows of a measurement as lines for a terminal. */
export function tableOf(rows, names) {
  const lines = rows.map((row) => [
    row.title,
    ...row.values.map(
      (value) => `${quantity(value.median, row.unit)} (${figure(value.lower)} - ${figure(value.upper)})`,
    ),
    ...(row.change
      ? [`x ${figure(row.change.median)} (${figure(row.change.lower)} - ${figure(row.change.upper)})`]
      : []),
    goalOf(row),
    metBy(row, row.values.at(-1)),
  ])
  const heads = ['', ...names, ...(names.length > 1 ? ['change'] : []), 'goal', '']
  const widths = heads.map((head, index) => Math.max(...[heads, ...lines].map((line) => line[index].length)))
  return [heads, ...lines]
    .map((line) =>
      line
        .map((cell, index) => cell.padEnd(widths[index]))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** The rows of the same measurement with several versions of Node, as a table in Markdown. */
export function markdownOf(runs) {
  const [{rows: first}] = runs
  const lines = first.map((row, index) => [
    row.title.trim(),
    [...new Set(runs.map(({rows}) => goalOf(rows[index])))].join(', '),
    ...runs.map(({rows}) => {
      const {unit, values} = rows[index]
      const value = values.at(-1)
      const met = metBy(rows[index], value)
      return `${quantity(value.median, unit)} (${figure(value.lower)} to ${figure(value.upper)})${met && `, ${met}`}`
    }),
  ])
  const heads = ['what', 'goal', ...runs.map(({node}) => `Node ${node}`)]
  return [heads, heads.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

function goalOf({least, most, unit}) {
  if (most !== undefined) return `<= ${quantity(most, unit)}`
  return least === undefined ? '' : `>= ${quantity(least, unit)}`
}

function metBy({least = -Infinity, most = Infinity}, {median}) {
  if (least === -Infinity && most === Infinity) return ''
  return median <= most && median >= least ? 'met' : 'not met'
}

function quantity(number, unit) {
  return `${figure(number)} ${unit}`.trim()
}

function figure(number) {
  return Math.abs(number) >= 10 ? number.toFixed(0) : number.toFixed(2)
}
