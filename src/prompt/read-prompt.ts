import {readFile} from 'node:fs/promises'
import {resolve} from 'node:path'
import {buffer} from 'node:stream/consumers'
import {Failure, messageOf} from 'clinvk-kit/errors/failure'
import type {IO} from 'clinvk-kit/io'

export interface PromptSource {
  /** The argument: a prompt, or `-` for standard input. */
  readonly argument?: string
  /** `--file` */
  readonly file?: string
  /** `--stdin`: append what is piped in. */
  readonly appendStdin: boolean
}

/**
 * The whole prompt, of any size. A line break at the end of a file is not part of it. Throws a Failure of kind
 * `usage`.
 */
export async function readPrompt({appendStdin, argument, file}: PromptSource, io: IO): Promise<string> {
  if (file !== undefined) {
    if (argument !== undefined)
      throw new Failure('usage', 'The prompt is given twice: as an argument and with --file.')
    return text(await readBytes(resolve(io.cwd, file)), file)
  }

  if (argument === '-') {
    if (appendStdin) throw new Failure('usage', '- and --stdin both read standard input. Use one of them.')
    return text(await readStdin(io), 'standard input')
  }

  if (argument === undefined) {
    throw new Failure('usage', 'There is no prompt.', [
      'Try: clinvk "fix the bug in auth.go"',
      'Or: clinvk - < task.md',
    ])
  }

  if (!appendStdin) return argument
  if (io.stdin.isTTY)
    throw new Failure('usage', '--stdin has nothing to read.', [
      'Pipe something in: git diff | clinvk --stdin "review this"',
    ])
  const piped = text(await readStdin(io), 'standard input')
  return piped === '' ? argument : `${argument}\n\n${piped}`
}

/** What a file holds that the user named. Throws a Failure of kind `usage`. */
export async function readBytes(path: string): Promise<Buffer> {
  try {
    return await readFile(path)
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT'
    const message = isMissing ? `No such file: ${path}` : `${path} cannot be read: ${messageOf(error)}`
    throw new Failure('usage', message, [], {cause: error})
  }
}

function readStdin({stderr, stdin}: IO): Promise<Buffer> {
  if (stdin.isTTY) stderr.write('Type the prompt; end it with Ctrl-D.\n')
  return buffer(stdin)
}

function text(bytes: Buffer, source: string): string {
  try {
    return new TextDecoder('utf-8', {fatal: true}).decode(bytes).replace(/\r?\n$/, '')
  } catch (error) {
    // Too long for a string, or not text at all.
    throw new Failure('usage', `${source} is not UTF-8 text, or is too long for a prompt.`, [], {
      cause: error,
    })
  }
}
