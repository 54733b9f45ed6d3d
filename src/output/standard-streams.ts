import {setImmediate as nextTurn, setTimeout as wait} from 'node:timers/promises'

/**
 * Keeps a closed reader (`clinvk … | head -1`) or a full disk from ending the
 * process: the turn is finished and recorded, only the printing stops. No other
 * listener hears of it, because every copy of oclif that is loaded brings one
 * that throws.
 */
export function watchOutput(): void {
  for (const stream of [process.stdout, process.stderr]) {
    const emit = stream.emit.bind(stream) as (event: string | symbol, ...values: unknown[]) => boolean
    stream.emit = (event: string | symbol, ...values: unknown[]) => {
      if (event !== 'error') return emit(event, ...values)
      close(stream, values[0] as NodeJS.ErrnoException)
      return true
    }
  }
}

/** Why a part of the answer could not be written. */
export function outputLoss(): Error | undefined {
  return loss
}

/** Whether somebody still reads. */
export function isOpen(stream: NodeJS.WriteStream): boolean {
  return stream.writable && !closed.has(stream)
}

/** From now on nobody is waited for: the user has pressed Ctrl-C a second time. */
export function hurryOutput(): void {
  hurried = true
  wake()
}

/** Resolves when everything that was printed has been taken, or soon after nobody is waited for. */
export async function drained(): Promise<void> {
  flush()
  const flushing = Promise.all([process.stdout, process.stderr].map((stream) => flushed(stream)))
  await Promise.race([flushing, hurrying()])
  // What has gone wrong with the last write is told a moment later.
  await nextTurn()
}

/**
 * From now on stdout is for `print` alone; what a plugin writes there, such as a
 * forgotten console.log, goes to stderr, and neither an answer nor JSON is spoilt.
 * Returns what ends this.
 */
export function keepStdout(): () => void {
  const {stdout, stderr} = process
  // As it is: it is put back.
  const write = Reflect.get(stdout, 'write')
  writeOut = write.bind(stdout)
  stdout.write = stderr.write.bind(stderr)
  return () => {
    stdout.write = write
    writeOut = undefined
  }
}

/**
 * Writes to stdout; resolves at once while there is room, else when the reader has
 * caught up. What is printed in one go, such as all that comes of one chunk of the
 * agent, is one write: it leaves before anything else happens, but where stdout is
 * a terminal, which shows stderr too, it does not wait even for that.
 */
export function print(text: string): void | Promise<void> {
  const {stdout} = process
  if (!isOpen(stdout)) return
  // What is long goes by itself: to join it with more is to copy it.
  if (text.length > LARGEST_WRITE) flush()
  if (printed === '') queueMicrotask(flush)
  printed += text
  if (printed.length > LARGEST_WRITE || stdout.isTTY) flush()
  if (!stdout.writableNeedDrain || hurried) return
  return new Promise((resolve) => {
    const done = () => {
      stdout.off('drain', done)
      waiting.delete(done)
      resolve()
    }

    stdout.once('drain', done)
    waiting.add(done)
  })
}

/** Writes to stderr, behind what was printed before. */
export function say(text: string): void {
  flush()
  process.stderr.write(text)
}

function flush(): void {
  if (printed === '') return
  const text = printed
  printed = ''
  if (!isOpen(process.stdout)) return
  if (writeOut) writeOut(text)
  else process.stdout.write(text)
}

const closed = new Set<NodeJS.WriteStream>()
/** Called when a stream has closed, or nobody is waited for any more. */
const waiting = new Set<() => void>()
let hurried = false
/** Printed, and not yet written. */
let printed = ''
const LARGEST_WRITE = 64 * 1024
/** Set while stdout is kept. */
let writeOut: typeof process.stdout.write | undefined
let loss: Error | undefined

function close(stream: NodeJS.WriteStream, error: NodeJS.ErrnoException): void {
  // Who has closed the pipe or the terminal wants no more; everything else is a loss.
  if (stream === process.stdout && error.code !== 'EPIPE' && error.code !== 'EIO') loss ??= error
  closed.add(stream)
  wake()
}

function wake(): void {
  for (const done of waiting) done()
}

function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (!isOpen(stream)) resolve()
    }

    waiting.add(look)
    look()
    if (stream.writableLength === 0) resolve()
    else stream.write('', () => resolve())
  })
}

async function hurrying(): Promise<void> {
  await new Promise<void>((resolve) => {
    const look = () => {
      if (hurried) resolve()
    }

    waiting.add(look)
    look()
  })
  await wait(HURRY_MS)
}

/** A reader that is awake takes the rest in this time. */
const HURRY_MS = 500
