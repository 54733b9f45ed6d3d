import type {TurnError} from 'clinvk-kit/turn/result'
import {paint} from './paint.js'

/** An error for people: what happened, then what to do next, a line each. */
export function errorText({hints = [], kind, message, resets_at: resets}: TurnError): string {
  const lines = [...(resets === undefined ? [] : [`The limit ends at ${resets}.`]), ...hints]
  // Who has pressed Ctrl-C has made no error.
  const label = kind === 'cancelled' ? '' : `${paint(process.stderr, 'red', 'Error:')} `
  return `${label}${message}\n${lines.map((line) => `  ${line}\n`).join('')}`
}
