import {createInterface} from 'node:readline/promises'
import {Failure} from '../errors/failure.js'
import {visible} from './visible.js'
import type {IO} from '../io.js'
import {drawingOn} from './terminal.js'

/** Asks on the terminal; only y or yes is a yes. */
export async function askYes(
  question: string,
  {stdin, stderr}: Pick<IO, 'stdin' | 'stderr'>,
): Promise<boolean> {
  const terminal = createInterface({input: stdin, output: drawingOn(stderr)})
  // Without a listener, Ctrl-C would stop the reading and nothing else.
  terminal.on('SIGINT', () => {
    stderr.write('\n')
    terminal.close()
  })
  try {
    const closed = new Promise<string>((resolve) => terminal.once('close', () => resolve('')))
    const answer = await Promise.race([terminal.question(visible(`${question} [y/N] `)), closed])
    return /^y(es)?$/i.test(answer.trim())
  } finally {
    terminal.close()
  }
}

/** Whether the user agrees to this, which `command --yes` does at once. Throws a Failure where nobody can be asked. */
export async function confirmed(
  verb: 'send' | 'remove',
  what: string,
  command: string,
  io: IO,
): Promise<boolean> {
  if (io.stdin.isTTY) return askYes(`This ${verb}s ${what}. Continue?`, io)
  throw new Failure('usage', `This would ${verb} ${what}.`, [
    `Without a terminal, confirm it: ${command} --yes`,
  ])
}
