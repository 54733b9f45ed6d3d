import {createInterface} from 'node:readline/promises'
import type {IO} from 'clinvk-kit/io'

/** Asks on the terminal; only y or yes is a yes. */
export async function askYes(
  question: string,
  {stdin, stderr}: Pick<IO, 'stdin' | 'stderr'>,
): Promise<boolean> {
  const terminal = createInterface({input: stdin, output: stderr})
  // Without a listener, Ctrl-C would stop the reading and nothing else.
  terminal.on('SIGINT', () => {
    stderr.write('\n')
    terminal.close()
  })
  try {
    const closed = new Promise<string>((resolve) => terminal.once('close', () => resolve('')))
    const answer = await Promise.race([terminal.question(`${question} [y/N] `), closed])
    return /^y(es)?$/i.test(answer.trim())
  } finally {
    terminal.close()
  }
}
