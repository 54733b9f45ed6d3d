import {isUtf8} from 'node:buffer'
import {createReadStream, statSync} from 'node:fs'
import {resolve} from 'node:path'
import {Failure, messageOf} from 'clinvk-kit/errors/failure'
import {LARGEST_TEXT, readBytes} from 'clinvk-kit/files/read-file'
import {isPiped, type IO} from 'clinvk-kit/io'

export interface PromptSource {
  /** The argument: a prompt, or `-` for standard input. */
  readonly argument?: string
  readonly file?: string
  /** What to type instead, for who gave no prompt. */
  readonly example?: string | undefined
  /** `--stdin`: append what is piped in. */
  readonly appendStdin: boolean
}

/**
 * The whole prompt, without a line break at its end: the argument, a file, or what is piped in. With an argument
 * standard input is read only if that is asked for; `notice` says where something piped in was left. Throws a Failure
 * of kind `usage`.
 */
export async function readPrompt(
  {appendStdin, argument, example = 'clinvk "fix the bug in auth.go"', file}: PromptSource,
  io: IO,
  notice: (message: string) => void,
): Promise<string> {
  const read = async (path: string) => {
    const {replaced, source, text} = await readText(path, io)
    if (replaced > 0)
      notice(
        `${source} is not all UTF-8: ${replaced} wrong byte${replaced === 1 ? ' was' : 's were'} replaced by U+FFFD.`,
      )
    return text.replace(/\r?\n$/, '')
  }
  const {inputKind} = io
  if (file !== undefined && argument !== undefined)
    throw new Failure('usage', 'The prompt is given twice: as an argument and with --file.')
  if (argument === '-') {
    if (appendStdin) throw new Failure('usage', '- and --stdin both read standard input. Use one of them.')
    if (inputKind === 'terminal') io.stderr.write('Type the prompt; end it with Ctrl-D.\n')
    return read('-')
  }
  const prompt = file === undefined ? argument : await read(file)
  if (prompt === undefined) {
    const piped = isPiped(io) ? await read('-') : ''
    if (piped !== '') return piped
    throw new Failure('usage', `There is no prompt${isPiped(io) ? ': standard input was empty' : ''}.`, [
      `Try: ${example}`,
    ])
  }
  if (!appendStdin) {
    // Only what a shell has redirected: each program that Node starts has a socket there.
    if (inputKind === 'redirected') notice('Standard input was not read. To append it to the prompt: --stdin')
    return prompt
  }
  if (!isPiped(io))
    throw new Failure('usage', '--stdin has nothing to read.', [
      'Pipe something in: git diff | clinvk --stdin "review this"',
    ])
  const piped = await read('-')
  return piped === '' ? prompt : `${prompt}\n\n${piped}`
}

export interface TextRead {
  readonly text: string
  /** An absolute path, or `standard input`. */
  readonly source: string
  /** How many bytes or groups of bytes were no UTF-8: each became U+FFFD. */
  readonly replaced: number
}

/**
 * The text of a file, or of standard input for `-`. Says on stderr what it waits for when nothing is piped in for two
 * seconds. Throws a Failure of `kind` when it is too long for a string.
 */
export async function readText(
  file: string,
  io: IO,
  {kind = 'usage', what = 'the prompt'}: {kind?: 'usage' | 'config'; what?: string} = {},
): Promise<TextRead> {
  const source = file === '-' ? 'standard input' : resolve(io.cwd, file)
  const bytes = await (file === '-' ? readInput(io, what) : bytesOf(source))
  try {
    const text = new TextDecoder().decode(bytes)
    return {
      text,
      source,
      replaced: isUtf8(bytes)
        ? 0
        : count(text, '\uFFFD') - count(bytes.toString('latin1'), '\u00EF\u00BF\u00BD'),
    }
  } catch (error) {
    throw new Failure(kind, `${source} is too long.`, [], {cause: error})
  }
}

async function readInput({inputKind, stderr, stdin}: IO, what: string): Promise<Buffer> {
  const waiting = setTimeout(() => {
    stderr.write(`Waiting for ${what} on standard input. Ctrl-C ends this.\n`)
  }, WAITING_NOTICE_MS)
  if (inputKind === 'terminal') clearTimeout(waiting)
  stdin.once('readable', () => clearTimeout(waiting))
  try {
    return await bytesIn(stdin)
  } finally {
    clearTimeout(waiting)
  }
}

const WAITING_NOTICE_MS = 2000

function count(text: string, part: string): number {
  return text.split(part).length - 1
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
