import {openEnd, visible} from './visible.js'
import type {OutputStream} from '../io.js'

/**
 * An output stream as commands get it. On a terminal all text passes `visible`, also where it comes in pieces, and a
 * size that the terminal does not know is 80 by 24.
 */
export function guarded(stream: OutputStream): OutputStream {
  if (!stream.isTTY) return stream
  let held = ''
  const write = (text: unknown, ...rest: never[]) => {
    const all = held + String(text)
    held = openEnd(all)
    return stream.write(visible(all.slice(0, all.length - held.length)), ...rest)
  }
  const drawing = proxy(stream, {})
  return proxy(stream, {write, [DRAWING]: drawing})
}

/** The same stream for what draws: cursor movements pass, so texts from outside need `visible` or `oneLine` before. */
export function drawingOn(stream: OutputStream): OutputStream {
  return (stream as {[DRAWING]?: OutputStream})[DRAWING] ?? stream
}

function proxy(stream: OutputStream, own: Readonly<Record<PropertyKey, unknown>>): OutputStream {
  return new Proxy(stream, {
    get(target, key) {
      if (Object.hasOwn(own, key)) return own[key]
      const value: unknown = Reflect.get(target, key)
      if (key === 'columns') return value || DEFAULT_SIZE.columns
      if (key === 'rows') return value || DEFAULT_SIZE.rows
      return typeof value === 'function' ? (value as () => unknown).bind(target) : value
    },
  })
}

/** For all copies of this module. */
const DRAWING = Symbol.for('clinvk.drawing')
const DEFAULT_SIZE = {columns: 80, rows: 24}
