import {styleText} from 'node:util'
import type {IO} from 'clinvk-kit/io'
import {hasColor} from '../output/printer.js'
import type {Examination, Examined} from './examine.js'

/** An examination for people: each finding, then what to do about it. */
export function report({findings, repaired}: Examination, {env, stdout}: IO): string {
  const colour = hasColor(stdout, env)
  const lines = findings.flatMap(({hints = [], message, repairable, state}) => [
    `${label(state, colour)}  ${message}`,
    ...hints.map((hint) => `${INDENT}${hint}`),
    ...(repairable ? [`${INDENT}Repair it: clinvk doctor --fix`] : []),
  ])
  const done = repaired.map((sentence) => `${label('repaired', colour)}  ${sentence}`)
  const last = findings.length > 1 ? ['', summary(findings)] : []
  return [...done, ...lines, ...last].map((line) => `${line}\n`).join('')
}

export function problems(findings: readonly Examined[]): Examined[] {
  return findings.filter(({state}) => state === 'problem')
}

function summary(findings: readonly Examined[]): string {
  const bad = problems(findings).length
  const warnings = findings.filter(({state}) => state === 'warning').length
  if (bad + warnings === 0) return 'No problems found.'
  return `${[...count(bad, 'problem'), ...count(warnings, 'warning')].join(', ')}.`
}

function count(number: number, noun: string): string[] {
  return number === 0 ? [] : [`${number} ${noun}${number === 1 ? '' : 's'}`]
}

function label(state: keyof typeof COLOURS, colour: boolean): string {
  const text = state.padEnd(INDENT.length - 2)
  return colour ? styleText(COLOURS[state], text, {validateStream: false}) : text
}

const COLOURS = {ok: 'green', repaired: 'green', warning: 'yellow', problem: 'red'} as const
const INDENT = ' '.repeat(10)
