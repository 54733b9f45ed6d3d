import {styleText} from 'node:util'
import type {OutputStream} from 'clinvk-kit/io'

/** Colours a text where a terminal shows it and nobody has said no (`NO_COLOR`, `output.color: false`). */
export function paint(stream: OutputStream, style: 'red' | 'yellow' | 'dim' | 'bold', text: string): string {
  return hasColour(stream) ? styleText(style, text) : text
}

export function hasColour(stream: OutputStream, env: NodeJS.ProcessEnv = process.env): boolean {
  if (env.NO_COLOR) return false
  if (env.FORCE_COLOR) return env.FORCE_COLOR !== '0'
  return stream.isTTY === true && env.TERM !== 'dumb'
}
