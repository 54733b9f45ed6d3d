import {styleText} from 'node:util'

/** Colours a text where a terminal shows it and nobody has said no (`NO_COLOR`, `output.color: false`). */
export function paint(
  stream: NodeJS.WriteStream,
  style: 'red' | 'yellow' | 'dim' | 'bold',
  text: string,
): string {
  return hasColour(stream) ? styleText(style, text) : text
}

export function hasColour(stream: NodeJS.WriteStream, env: NodeJS.ProcessEnv = process.env): boolean {
  if (env.NO_COLOR) return false
  if (env.FORCE_COLOR) return env.FORCE_COLOR !== '0'
  return stream.isTTY && env.TERM !== 'dumb'
}
