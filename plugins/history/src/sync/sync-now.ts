import {backendsOf} from 'clinvk-kit/backends/discover'
import {ioOf} from 'clinvk-kit/command'
import {messageOf} from 'clinvk-kit/errors/failure'
import {drawingOn} from 'clinvk-kit/format/terminal'
import {formatNumber} from 'clinvk-kit/format/text'
import type {OutputStream} from 'clinvk-kit/io'
import {loadSettings} from 'clinvk-kit/settings/load'
import {parseSize} from '../archive/size.js'
import {type Caller, checkStopped} from './caller.js'
import {syncHistory, type SyncResult} from './sync.js'

/**
 * Reads what is new before it is shown. What cannot be read is a note: what is known already stays true. Throws a Failure
 * when the caller interrupts.
 */
export async function syncNow(caller: Caller): Promise<void> {
  const {skipped} = await syncFor(caller, WAIT_MS).catch((error: unknown) => ({
    skipped: [`What is new cannot be read: ${messageOf(error)}`],
  }))
  checkStopped(caller)
  for (const sentence of skipped) caller.note(sentence)
}

/**
 * Reads what is new, with a line of progress where somebody looks. `waitMs`: for another process that does so already.
 * Throws a Failure.
 */
export async function syncFor({config, progress, stop: signal}: Caller, waitMs = 0): Promise<SyncResult> {
  const {env} = ioOf(config)
  // The same wherever it is started: no project has a say.
  const {history, session} = await loadSettings({cwd: '/', env})
  const {backends} = await backendsOf(config)
  const limit = parseSize(history.max_size)
  const context = {env, backends, archive: history.archive, limit, keepsUsage: session.store_token_usage}
  const line = progress?.isTTY ? progressLine(progress) : undefined
  try {
    return await syncHistory(context, {signal, onProgress: line?.show, waitMs})
  } finally {
    line?.clear()
  }
}

/** A line on a terminal that says how far reading is. */
function progressLine(stream: OutputStream) {
  const drawing = drawingOn(stream)
  let shownAt = -Infinity
  const show = (done: number, all: number) => {
    if (performance.now() - shownAt < EVERY_MS) return
    shownAt = performance.now()
    drawing.write(`\r\u001B[KReading conversations: ${formatNumber(done)} of ${formatNumber(all)}`)
  }
  const clear = () => {
    if (shownAt !== -Infinity) drawing.write('\r\u001B[K')
  }
  return {show, clear}
}

const EVERY_MS = 100
const WAIT_MS = 10_000
