import {type ChildProcessByStdio, spawn} from 'node:child_process'
import {once} from 'node:events'
import type {Writable} from 'node:stream'
import type {IO} from 'clinvk-kit/io'

/**
 * Prints pieces of text as their reader takes them: on a terminal through `PAGER`, without one through `less` where there
 * is one; else to standard output. Ends early, without an error, when the reader has seen enough.
 */
export async function page(pieces: AsyncIterable<string>, io: IO): Promise<void> {
  const pager = io.stdout.isTTY ? await startPager(io) : undefined
  if (!pager) return printPieces(pieces, io.stdout)
  const closed = once(pager, 'close')
  // The keys are the pager's, Ctrl-C too.
  io.interrupts().stop.addEventListener('abort', ({target}) => {
    if ((target as AbortSignal).reason !== 'SIGINT') pager.kill()
  })
  try {
    await printPieces(pieces, pager.stdin)
  } finally {
    pager.stdin.end()
    await closed
  }
}

type Pager = ChildProcessByStdio<Writable, null, null>

/** As git does: `PAGER` is run by a shell only where it has more than a name; `cat` or an empty one is none. */
async function startPager({env}: IO): Promise<Pager | undefined> {
  const {LESS = 'FRX', PAGER: asked} = env
  if (asked === '' || asked === 'cat') return undefined
  const [file, ...args] =
    asked === undefined ? ['less', '-R', '-F', '-X'] : /\s/.test(asked) ? ['sh', '-c', asked] : [asked]
  const pager = spawn(file, args, {stdio: ['pipe', 'inherit', 'inherit'], env: {...env, LESS}})
  pager.stdin.on('error', () => undefined)
  try {
    await once(pager, 'spawn')
    return pager
  } catch {
    return undefined
  }
}

/** Ends early when nobody reads any more. */
export async function printPieces(pieces: AsyncIterable<string>, stream: Writable): Promise<void> {
  for await (const piece of pieces) {
    if (!stream.writable) return
    if (!stream.write(piece)) await taken(stream)
  }
}

function taken(stream: Writable): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      stream.off('drain', done).off('close', done)
      resolve()
    }
    stream.on('drain', done).on('close', done)
  })
}
