import {drawingOn} from 'clinvk-kit/format/terminal'
import {formatNumber} from 'clinvk-kit/format/text'
import type {OutputStream} from 'clinvk-kit/io'

/** A line on a terminal that says how far reading is; nothing elsewhere. */
export function progressLine(stream: OutputStream): {
  show: (done: number, all: number) => void
  clear: () => void
} {
  const drawing = drawingOn(stream)
  let shownAt = -Infinity
  const show = (done: number, all: number) => {
    if (!stream.isTTY || performance.now() - shownAt < EVERY_MS) return
    shownAt = performance.now()
    drawing.write(`\r\u001B[KReading conversations: ${formatNumber(done)} of ${formatNumber(all)}`)
  }
  const clear = () => {
    if (shownAt !== -Infinity) drawing.write('\r\u001B[K')
  }
  return {show, clear}
}

const EVERY_MS = 100
