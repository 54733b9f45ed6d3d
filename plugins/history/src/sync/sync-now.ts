import {messageOf} from 'clinvk-kit/errors/failure'
import {type Caller, checkStopped} from './caller.js'
import {syncContext} from './context.js'
import {progressLine} from './progress.js'
import {syncHistory, type SyncOptions, type SyncResult} from './sync.js'

/**
 * Reads what is new before it is shown. What cannot be read is a note: what is known already stays true. Throws a Failure
 * when the caller interrupts.
 */
export async function syncNow(caller: Caller): Promise<void> {
  const {skipped} = await syncFor(caller, {waitMs: WAIT_MS}).catch((error: unknown) => ({
    skipped: [`What is new cannot be read: ${messageOf(error)}`],
  }))
  checkStopped(caller)
  for (const sentence of skipped) caller.note(sentence)
}

/** Reads what is new, with a line of progress where somebody looks. Throws a Failure. */
export async function syncFor(
  {config, progress, stop: signal}: Caller,
  {waitMs}: Pick<SyncOptions, 'waitMs'>,
): Promise<SyncResult> {
  const context = await syncContext(config)
  const line = progress && progressLine(progress)
  try {
    return await syncHistory(context, {signal, onProgress: line?.show, waitMs})
  } finally {
    line?.clear()
  }
}

/** For another process that reads already. */
const WAIT_MS = 10_000
