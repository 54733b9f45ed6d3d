import {styleText} from 'node:util'
import type {CheckResult, CheckState, ConformanceReport} from 'clinvk-conformance/check'
import {oneLine} from 'clinvk-kit/format/text'
import type {IO} from 'clinvk-kit/io'
import {hasColor} from '../output/printer.js'

/** A report for people: a line for each check, what went wrong below it, and the counts. */
export function reportText(report: ConformanceReport, {env, stdout}: IO): string {
  const color = hasColor(stdout, env)
  const {backend, checks, counts, fixtures, not_proven: open, plugin, version} = report
  const lines = [
    `${backend} (${plugin} ${version}), ${fixtures} ${fixtures === 1 ? 'fixture' : 'fixtures'}`,
    '',
    ...checks.flatMap((check) => linesOf(check, color)),
    '',
    `${checks.length} checks: ${counts.ok} ok, ${counts.failed} failed, ${counts.not_applicable} not applicable (${report.duration_seconds.toFixed(1)}s).`,
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

function linesOf({expected, fix, found, id, reason, state, title}: CheckResult, color: boolean): string[] {
  const [word, style] = LABELS[state]
  const label = word.padEnd(WIDTH)
  const first = `${color ? styleText(style, label) : label}  ${title}`
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
