/**
 * Keeps a closed reader (`clinvk … | head -1`) from ending the process: the turn
 * is finished and recorded, only the printing stops.
 */
export function watchOutput(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error
    })
  }
}

/** Whether somebody still reads. */
export function isOpen(stream: NodeJS.WriteStream): boolean {
  return stream.writable && !stream.errored
}

/** Resolves when everything that was printed has been taken. */
export async function drained(): Promise<void> {
  await Promise.all([process.stdout, process.stderr].map((stream) => flushed(stream)))
}

/** Writes; resolves at once while there is room, else when the reader has caught up. */
export function print(stream: NodeJS.WriteStream, text: string): void | Promise<void> {
  if (!isOpen(stream) || stream.write(text)) return
  return new Promise((resolve) => {
    const done = () => {
      stream.off('drain', done).off('close', done).off('error', done)
      resolve()
    }

    stream.once('drain', done).once('close', done).once('error', done)
  })
}

function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (!isOpen(stream) || stream.writableLength === 0) return resolve()
    stream.once('error', () => resolve())
    stream.once('close', () => resolve())
    stream.write('', () => resolve())
  })
}
