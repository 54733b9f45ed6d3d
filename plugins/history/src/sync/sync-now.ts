import type {Config} from '@oclif/core'
import {ioOf} from 'clinvk-kit/command'
import {Failure, messageOf} from 'clinvk-kit/errors/failure'
import {syncContext} from './context.js'
import {progressLine} from './progress.js'
import {syncHistory} from './sync.js'

/**
 * Reads what is new before it is shown, with a line of progress. What cannot be read is a note: what is known already
 * stays true. Throws a Failure when the user interrupts.
 */
export async function syncNow(config: Config): Promise<void> {
  const io = ioOf(config)
  const {stderr} = io
  const note = (message: string) => stderr.write(`Note: ${message}\n`)
  const context = await syncContext(config)
  const {stop: signal} = io.interrupts()
  const line = progressLine(stderr)
  const options = {signal, onProgress: line.show, waitMs: WAIT_MS}
  const {skipped} = await syncHistory(context, options)
    .catch((error: unknown) => ({skipped: [`What is new cannot be read: ${messageOf(error)}`]}))
    .finally(() => line.clear())
  if (signal.aborted) throw new Failure('cancelled', 'Interrupted. What was read until then is kept.')
  for (const sentence of skipped) note(sentence)
}

/** For another process that reads already. */
const WAIT_MS = 10_000
