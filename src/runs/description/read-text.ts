import {readFile} from 'node:fs/promises'
import {resolve} from 'node:path'
import {buffer} from 'node:stream/consumers'
import {Failure} from 'clinvk-kit/failure'
import {messageOf} from 'clinvk-kit/message-of'

/** A description of work as it was given. */
export interface WorkText {
  readonly text: string
  /** The file for messages; `standard input` where it came from there. */
  readonly source: string
}

/** Reads `--file`; `-`, or no file at all, is standard input. Throws a Failure of kind `usage` when there is nothing. */
export async function readWorkText(
  file: string | undefined,
  {command, cwd}: {command: string; cwd: string},
): Promise<WorkText> {
  if (file !== undefined && file !== '-') {
    const path = resolve(cwd, file)
    try {
      return {text: textOf(await readFile(path), path), source: path}
    } catch (error) {
      const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT'
      throw new Failure(
        'usage',
        isMissing ? `There is no file ${path}` : `${path} cannot be read: ${messageOf(error)}`,
      )
    }
  }

  if (process.stdin.isTTY && file === undefined) {
    throw new Failure('usage', 'There is nothing to do: no --file, and nothing piped in.', [
      `Try: clinvk ${command} --file work.yaml`,
      `What such a file looks like: clinvk ${command} --help`,
    ])
  }

  return {text: textOf(await buffer(process.stdin), STDIN), source: STDIN}
}

function textOf(bytes: Buffer, source: string): string {
  try {
    return new TextDecoder('utf-8', {fatal: true}).decode(bytes)
  } catch (error) {
    throw new Failure('config', `${source} is no UTF-8 text.`, [], {cause: error})
  }
}

const STDIN = 'standard input'
