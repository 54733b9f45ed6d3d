import {setTimeout as wait} from 'node:timers/promises'

/**
 * Keeps a closed reader (`clinvk … | head -1`) or a full disk from ending the
 * process: the turn is finished and recorded, only the printing stops.
 */
export function watchOutput(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      // Who has closed the pipe wants no more; everything else is a loss.
      if (stream === process.stdout && error.code !== 'EPIPE' && error.code !== 'EIO') lost ??= error
      closed.add(stream)
    })
  }
}

/** Why a part of the answer could not be written. */
export function outputLoss(): Error | undefined {
  return lost
}

/** Whether somebody still reads. */
export function isOpen(stream: NodeJS.WriteStream): boolean {
  return stream.writable && !closed.has(stream)
}

/** From now on nobody is waited for: the user has pressed Ctrl-C a second time. */
export function hurryOutput(): void {
  hurry.abort()
}

/** Resolves when everything that was printed has been taken. */
export async function drained(): Promise<void> {
  const flushing = Promise.all([process.stdout, process.stderr].map((stream) => flushed(stream)))
  const hurried = new Promise<void>((resolve) => onceAborted(hurry.signal, resolve))
  await Promise.race([flushing, hurried.then(() => wait(HURRY_MS))])
}

/** Writes; resolves at once while there is room, else when the reader has caught up. */
export function print(stream: NodeJS.WriteStream, text: string): void | Promise<void> {
  if (!isOpen(stream) || stream.write(text) || hurry.signal.aborted) return
  return new Promise((resolve) => {
    const done = () => {
      stream.off('drain', done).off('close', done).off('error', done)
      hurry.signal.removeEventListener('abort', done)
      resolve()
    }

    stream.once('drain', done).once('close', done).once('error', done)
    hurry.signal.addEventListener('abort', done)
  })
}

const closed = new Set<NodeJS.WriteStream>()
const hurry = new AbortController()
let lost: Error | undefined

/** What a reader that is awake has for the rest, when there is hurry. */
const HURRY_MS = 500

function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (!isOpen(stream) || stream.writableLength === 0) return resolve()
    stream.once('error', () => resolve())
    stream.once('close', () => resolve())
    stream.write('', () => resolve())
  })
}

function onceAborted(signal: AbortSignal, then: () => void): void {
  if (signal.aborted) then()
  else signal.addEventListener('abort', then, {once: true})
}
