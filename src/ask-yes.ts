import {createInterface} from 'node:readline/promises'

/** Asks on the terminal, and takes everything but a yes for a no. */
export async function askYes(question: string): Promise<boolean> {
  const terminal = createInterface({input: process.stdin, output: process.stderr})
  // Without a listener, Ctrl-C would stop the reading and nothing else.
  terminal.on('SIGINT', () => {
    process.stderr.write('\n')
    terminal.close()
  })
  try {
    // A closed terminal answers nothing at all.
    const closed = new Promise<string>((resolve) => terminal.once('close', () => resolve('')))
    const answer = await Promise.race([terminal.question(`${question} [y/N] `), closed])
    return /^y(es)?$/i.test(answer.trim())
  } finally {
    terminal.close()
  }
}
