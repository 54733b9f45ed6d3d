import {styleText} from 'node:util'
import type {CheckResult, CheckState, ConformanceReport} from 'clinvk-conformance/report'
import {oneLine} from 'clinvk-kit/format/one-line'
import {hasColor} from '../output/paint.js'

/** A report for people: a line each check, what went wrong below it, and a sum. */
export function reportText(report: ConformanceReport, stream: NodeJS.WriteStream): string {
  const colour = hasColor(stream, process.env)
  const {
    backend,
    checks,
    counts,
    duration_seconds: seconds,
    fixtures,
    not_proven: open,
    plugin,
    version,
  } = report
  const lines = [
    `${backend} (${plugin} ${version}), ${fixtures} ${fixtures === 1 ? 'fixture' : 'fixtures'}`,
    '',
    ...checks.flatMap((check) => linesOf(check, colour)),
    '',
    `${checks.length} checks: ${counts.ok} ok, ${counts.failed} failed, ${counts.not_applicable} not applicable (${seconds.toFixed(1)}s).`,
    ...(open.length === 0
      ? []
      : [
          report.level === 'fixtures'
            ? `Not proven here: ${open.join(', ')}. With the real agent: clinvk backends test ${backend} --live`
            : `Not proven: ${open.join(', ')}.`,
        ]),
  ]
  return lines.map((line) => `${line}\n`).join('')
}

function linesOf({expected, fix, found, id, reason, state, title}: CheckResult, colour: boolean): string[] {
  const [word, style] = LABELS[state]
  const label = word.padEnd(WIDTH)
  const first = `${colour ? styleText(style, label) : label}  ${title}`
  if (state === 'ok') return [first]
  if (state === 'not_applicable') return [first, `${INDENT}${reason}`]
  return [
    `${first} [${id}]`,
    `${INDENT}expected: ${oneLine(expected!)}`,
    `${INDENT}found:    ${oneLine(found!)}`,
    `${INDENT}to do:    ${fix}`,
  ]
}

const LABELS: Record<CheckState, readonly [string, 'green' | 'red' | 'dim']> = {
  ok: ['ok', 'green'],
  failed: ['failed', 'red'],
  not_applicable: ['–', 'dim'],
}
const WIDTH = 6
const INDENT = ' '.repeat(WIDTH + 2)
