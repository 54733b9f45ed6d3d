/** Whether somebody still reads. */
export function isOpen(stream: NodeJS.WriteStream): boolean {
  return stream.writable
}

/** From now on nobody is waited for: the user has pressed Ctrl-C a second time. */
export function hurryOutput(): void {
  hurried = true
  for (const done of waiting) done()
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
      stdout.off('drain', done).off('close', done)
      waiting.delete(done)
      resolve()
    }

    stdout.once('drain', done).once('close', done)
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

/** Called when nobody is waited for any more. */
const waiting = new Set<() => void>()
let hurried = false
/** Printed, and not yet written. */
let printed = ''
const LARGEST_WRITE = 64 * 1024
/** Set while stdout is kept. */
let writeOut: typeof process.stdout.write | undefined
