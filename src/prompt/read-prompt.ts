import {createReadStream, statSync} from 'node:fs'
import {resolve} from 'node:path'
import {Failure, messageOf} from 'clinvk-kit/errors/failure'
import {LARGEST_TEXT, readBytes} from 'clinvk-kit/files/read-file'
import type {IO} from 'clinvk-kit/io'

export interface PromptSource {
  /** The argument: a prompt, or `-` for standard input. */
  readonly argument?: string
  readonly file?: string
  /** `--stdin`: append what is piped in. */
  readonly appendStdin: boolean
}

/** The whole prompt, without a line break at its end. Throws a Failure of kind `usage`. */
export async function readPrompt({appendStdin, argument, file}: PromptSource, io: IO): Promise<string> {
  const read = async (path: string) => (await readText(path, io)).text.replace(/\r?\n$/, '')
  if (file !== undefined) {
    if (argument !== undefined)
      throw new Failure('usage', 'The prompt is given twice: as an argument and with --file.')
    return read(file)
  }
  if (argument === '-') {
    if (appendStdin) throw new Failure('usage', '- and --stdin both read standard input. Use one of them.')
    if (io.stdin.isTTY) io.stderr.write('Type the prompt; end it with Ctrl-D.\n')
    return read('-')
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
  const piped = await read('-')
  return piped === '' ? argument : `${argument}\n\n${piped}`
}

/** The text of a file, or of standard input for `-`, and its name. Throws a Failure: of `kind` when it is no text. */
export async function readText(
  file: string,
  {cwd, stdin}: IO,
  kind: 'usage' | 'config' = 'usage',
): Promise<{text: string; source: string}> {
  const source = file === '-' ? 'standard input' : resolve(cwd, file)
  const bytes = await (file === '-' ? bytesIn(stdin) : bytesOf(source))
  try {
    return {text: new TextDecoder('utf-8', {fatal: true}).decode(bytes), source}
  } catch (error) {
    // Also where it is too long for a string.
    throw new Failure(kind, `${source} is not UTF-8 text, or is too long.`, [], {cause: error})
  }
}

async function bytesOf(path: string): Promise<Buffer> {
  try {
    // `--file <(git diff)` of a shell: a pipe that is open already.
    const isPipe = OPEN_FILE.test(path) && statSync(path).isFIFO()
    return isPipe ? await bytesIn(createReadStream(path)) : readBytes(path)
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT'
    const message = isMissing ? `No such file: ${path}` : `${path} cannot be read: ${messageOf(error)}`
    throw new Failure('usage', message, [], {cause: error})
  }
}

async function bytesIn(stream: AsyncIterable<Buffer | string>): Promise<Buffer> {
  const chunks: Buffer[] = []
  let left = LARGEST_TEXT
  for await (const chunk of stream) {
    chunks.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk)
    left -= chunk.length
    if (left < 0) throw new Failure('usage', `A prompt has at most ${LARGEST_TEXT} bytes.`)
  }

  return Buffer.concat(chunks)
}

const OPEN_FILE = /^\/(dev|proc\/self)\/(fd\/\d+|stdin)$/
