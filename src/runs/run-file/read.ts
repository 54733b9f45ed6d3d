import {resolve} from 'node:path'
import {buffer} from 'node:stream/consumers'
import {Failure} from 'clinvk-kit/errors/failure'
import type {IO} from 'clinvk-kit/io'
import {readBytes} from '../../prompt/read-prompt.js'

/** A run file as it was given. */
export interface RunText {
  readonly text: string
  /** The file, for messages. */
  readonly source: string
}

/** Reads `--file`; `-`, or no file at all, is standard input. Throws a Failure of kind `usage` when there is nothing. */
export async function readRunText(
  file: string | undefined,
  command: string,
  {cwd, stdin}: IO,
): Promise<RunText> {
  if (file !== undefined && file !== '-') {
    const path = resolve(cwd, file)
    return {text: textOf(await readBytes(path), path), source: path}
  }

  if (stdin.isTTY && file === undefined) {
    throw new Failure('usage', 'There is nothing to run: no --file, and no standard input.', [
      `Try: clinvk ${command} --file work.yaml`,
      `For an example of such a file: clinvk ${command} --help`,
    ])
  }

  return {text: textOf(await buffer(stdin), STDIN), source: STDIN}
}

function textOf(bytes: Buffer, source: string): string {
  try {
    return new TextDecoder('utf-8', {fatal: true}).decode(bytes)
  } catch (error) {
    throw new Failure('config', `${source} is not UTF-8 text.`, [], {cause: error})
  }
}

const STDIN = 'standard input'
