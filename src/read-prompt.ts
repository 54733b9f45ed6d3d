import {readFile} from 'node:fs/promises'
import {resolve} from 'node:path'
import {buffer} from 'node:stream/consumers'
import {Failure} from 'clinvk-kit/failure'

export interface PromptSource {
  /** The argument: a prompt, or `-` for standard input. */
  readonly argument?: string
  /** `--file`, relative to `cwd`. */
  readonly file?: string
  /** `--stdin`: append what is piped in. */
  readonly appendStdin: boolean
  readonly cwd: string
}

/**
 * The whole prompt, from wherever it comes, of any size. A line break at the
 * end of a file is not part of it. Throws a Failure of kind `usage`.
 */
export async function readPrompt({appendStdin, argument, cwd, file}: PromptSource): Promise<string> {
  if (file !== undefined) {
    if (argument !== undefined)
      throw new Failure('usage', 'There are two prompts: the argument and --file. Give one.')
    return text(await readFileOrFail(resolve(cwd, file)), file)
  }

  if (argument === '-') {
    if (appendStdin) throw new Failure('usage', '- and --stdin both read standard input. Give one.')
    return text(await readStdin(), 'standard input')
  }

  if (argument === undefined) {
    throw new Failure('usage', 'There is no prompt.', [
      'Try: clinvk "fix the bug in auth.go"',
      'Or: clinvk - < task.md',
    ])
  }

  if (!appendStdin) return argument
  if (process.stdin.isTTY)
    throw new Failure('usage', '--stdin has nothing to read.', [
      'Pipe something in: git diff | clinvk --stdin "review this"',
    ])
  const piped = text(await readStdin(), 'standard input')
  return piped === '' ? argument : `${argument}\n\n${piped}`
}

async function readFileOrFail(path: string): Promise<Buffer> {
  try {
    return await readFile(path)
  } catch (error) {
    const {code, message} = error as NodeJS.ErrnoException
    throw new Failure(
      'usage',
      code === 'ENOENT' ? `There is no file ${path}` : `${path} cannot be read: ${message}`,
    )
  }
}

function readStdin(): Promise<Buffer> {
  if (process.stdin.isTTY) process.stderr.write('Type the prompt; end it with Ctrl-D.\n')
  return buffer(process.stdin)
}

function text(bytes: Buffer, source: string): string {
  try {
    return new TextDecoder('utf-8', {fatal: true}).decode(bytes).replace(/\r?\n$/, '')
  } catch (error) {
    // Too long for a string, or not text at all.
    throw new Failure('usage', `${source} is no UTF-8 text that fits a prompt.`, [], {cause: error})
  }
}
