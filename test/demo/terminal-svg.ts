/** Draws lines of a terminal, with their SGR sequences (colours, bold, dim), as an SVG picture. */
export function terminalSvg(lines: readonly string[], columns: number): string {
  const width = Math.ceil(columns * CHARACTER + 2 * MARGIN)
  const height = lines.length * LINE + 2 * MARGIN
  const texts = lines.flatMap((line, index) => {
    const spans = spansOf(line)
    if (spans.length === 0) return []
    const y = MARGIN + (index + 0.75) * LINE
    return [`<text x="${MARGIN}" y="${y}" xml:space="preserve">${spans.join('')}</text>`]
  })
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    `<rect width="100%" height="100%" rx="8" fill="${COLOURS.background}"/>`,
    `<g font-family="ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="13" fill="${COLOURS.text}">`,
    ...texts,
    '</g>',
    '</svg>',
    '',
  ].join('\n')
}

function spansOf(line: string): string[] {
  const spans: string[] = []
  let style: Record<string, string> = {}
  for (const part of line.trimEnd().split(/(\u001B\[[\d;]*m)/)) {
    const codes = /^\u001B\[([\d;]*)m$/.exec(part)?.[1]
    if (codes !== undefined) for (const code of codes.split(';')) style = applied(style, Number(code))
    else if (part !== '') {
      const attributes = Object.entries(style).map(([name, value]) => ` ${name}="${value}"`)
      spans.push(`<tspan${attributes.join('')}>${escaped(part)}</tspan>`)
    }
  }

  return spans
}

function applied(style: Record<string, string>, code: number): Record<string, string> {
  if (code === 0) return {}
  if (code === 1) return {...style, 'font-weight': 'bold'}
  if (code === 2) return {...style, opacity: '0.6'}
  const fill = FOREGROUND[code]
  if (fill !== undefined) return {...style, fill}
  const {fill: _fill, ...rest} = style
  return code === 39 ? rest : style
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

const COLOURS = {background: '#1e1e2e', text: '#d9e0ee'}
const FOREGROUND: Record<number, string> = {31: '#f28fad', 32: '#abe9b3', 33: '#fae3b0', 36: '#89dceb'}
const CHARACTER = 7.83
const LINE = 18
const MARGIN = 16
