import {styleText} from 'node:util'
import type {Finding} from 'clinvk-kit/hooks/doctor'
import type {IO} from 'clinvk-kit/io'
import type {TurnResult} from 'clinvk-kit/turn/result'
import {hasColor} from '../output/printer.js'

export interface Examined extends Omit<Finding, 'repair'> {
  readonly check: string
  readonly repairable: boolean
}

export interface Examination {
  readonly findings: readonly Examined[]
  /** What `--fix` did, a sentence each. */
  readonly repaired: readonly string[]
  readonly turn?: TurnResult
}

/** An examination for people: each finding, then what to do about it. */
export function report({findings, repaired}: Examination, {env, stdout}: IO): string {
  const label = (state: keyof typeof COLORS) => {
    const text = state.padEnd(INDENT.length)
    return hasColor(stdout, env) ? styleText(COLORS[state], text, {validateStream: false}) : text
  }
  const lines = findings.flatMap(({hints = [], message, repairable, state}) => [
    label(state) + message,
    ...[...hints, ...(repairable ? ['Repair it: clinvk doctor --fix'] : [])].map((hint) => INDENT + hint),
  ])
  const done = repaired.map((sentence) => label('repaired') + sentence)
  const last = findings.length > 1 ? ['', summary(findings)] : []
  return [...done, ...lines, ...last].map((line) => `${line}\n`).join('')
}

function summary(findings: readonly Examined[]): string {
  const counts = (['problem', 'warning'] as const).flatMap((wanted) => {
    const {length} = findings.filter(({state}) => state === wanted)
    return length === 0 ? [] : [`${length} ${wanted}${length === 1 ? '' : 's'}`]
  })
  return `${counts.join(', ') || 'No problems found'}.`
}

const COLORS = {ok: 'green', repaired: 'green', warning: 'yellow', problem: 'red'} as const
const INDENT = ' '.repeat(10)
