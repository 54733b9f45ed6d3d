import {styleText} from 'node:util'
import type {Env, OutputStream} from 'clinvk-kit/io'

export type Style = 'red' | 'yellow' | 'dim' | 'bold'

/** Colours a text where the stream shows colours. */
export function paint(stream: OutputStream, env: Env, style: Style, text: string): string {
  // Whether to colour is decided here, not by the environment of this process.
  return hasColor(stream, env) ? styleText(style, text, {validateStream: false}) : text
}

/** Whether a stream is a terminal with colours, and the environment does not say otherwise. */
export function hasColor(stream: OutputStream, env: Env): boolean {
  if (env.NO_COLOR) return false
  if (env.FORCE_COLOR) return env.FORCE_COLOR !== '0'
  return stream.isTTY === true && env.TERM !== 'dumb'
}
