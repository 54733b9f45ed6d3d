import {setImmediate as nextTick, setTimeout as wait} from 'node:timers/promises'
import type {IO, OutputStream} from 'clinvk-kit/io'

/**
 * Keeps a closed reader (`clinvk … | head -1`) or a full disk from ending the process: the turn is finished and
 * recorded, only the printing stops. `losses`: why a part of stdout could not be written; a reader that closes it wants
 * no more, which is no loss.
 */
export function watchOutput({stderr, stdout}: IO) {
  const losses = new Set<Error>()
  // Before oclif's own listener, which throws.
  stdout.prependListener('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'EIO') losses.add(error)
  })
  stderr.on('error', () => undefined)
  return {
    losses,
    /** Resolves when everything written has been taken, or `HURRY_MS` after `hurry` aborts. */
    async drained(hurry: AbortSignal | undefined): Promise<void> {
      await Promise.race([Promise.all([flushed(stdout), flushed(stderr)]), hurried(hurry)])
      // An error of the last write is emitted one tick later.
      await nextTick()
    },
  }
}

function flushed(stream: OutputStream): Promise<void> {
  return new Promise((resolve) => {
    if (!stream.writable || stream.writableLength === 0) return resolve()
    stream.once('close', resolve)
    stream.write('', () => resolve())
  })
}

async function hurried(hurry: AbortSignal | undefined): Promise<void> {
  await new Promise<void>((resolve) => {
    if (hurry?.aborted) resolve()
    else hurry?.addEventListener('abort', () => resolve(), {once: true})
  })
  await wait(HURRY_MS)
}

const HURRY_MS = 500
