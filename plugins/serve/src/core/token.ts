import {createHash, randomBytes, timingSafeEqual} from 'node:crypto'
import {mkdirSync, readFileSync, statSync, writeFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {Failure, isFailure, messageOf} from 'clinvk-kit/errors/failure'
import {quoteCommand} from 'clinvk-kit/format/text'
import type {Env} from 'clinvk-kit/io'

export interface Token {
  readonly text: string
  /** Where it was read: a path, or the name of a variable. */
  readonly source: string
}

/**
 * The token that clients must send: of `file`, else of `CLINVK_SERVE_TOKEN`, else of `<home>/serve/token`, which is made
 * where there is none. Throws a Failure of kind `server` where it cannot be read, or others can read it.
 */
export function tokenOf({env, file, home}: {env: Env; file?: string | undefined; home: string}): Token {
  const fromEnv = file === undefined ? env.CLINVK_SERVE_TOKEN : undefined
  const source = fromEnv ? 'CLINVK_SERVE_TOKEN' : (file ?? join(home, 'serve', 'token'))
  return {text: checked(fromEnv || read(source, file === undefined), source), source}
}

/** Compares what a client has sent in a time that does not tell how much of it is right. */
export function tokenCheck(token: string): (sent: string) => boolean {
  const expected = hash(token)
  return (sent) => timingSafeEqual(hash(sent), expected)
}

/** Tells tokens apart without telling them: 16 hexadecimal digits. */
export function tokenId(token: string): string {
  return hash(`clinvk-serve client ${token}`).toString('hex').slice(0, 16)
}

/** `isOurs`: it is made where there is none. */
function read(path: string, isOurs: boolean): string {
  try {
    if (process.platform !== 'win32' && (statSync(path).mode & 0o077) !== 0)
      throw refusal(`Others can read the token in ${path}.`, [
        `Keep it for yourself: ${quoteCommand(['chmod', '600', path])}`,
        `Somebody may know it already. For a new one, remove the file: ${quoteCommand(['rm', path])}`,
      ])
    return readFileSync(path, 'utf8').trim()
  } catch (error) {
    if (isFailure(error)) throw error
    if (isOurs && (error as NodeJS.ErrnoException).code === 'ENOENT') return make(path)
    throw refusal(`The token cannot be read: ${messageOf(error)}`, [
      isOurs
        ? `Remove it, and a new one is made: ${quoteCommand(['rm', path])}`
        : `Make one: (umask 077; openssl rand -hex 32 >${quoteCommand([path])})`,
    ])
  }
}

function make(path: string): string {
  const text = randomBytes(32).toString('base64url')
  try {
    mkdirSync(dirname(path), {recursive: true, mode: 0o700})
    writeFileSync(path, `${text}\n`, {flag: 'wx', mode: 0o600})
    return text
  } catch (error) {
    // Another server has made it in this moment.
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return read(path, false)
    throw refusal(`The token cannot be written: ${messageOf(error)}`, [
      'Name another file: --token-file FILE',
    ])
  }
}

function checked(text: string, source: string): string {
  if (/^[\x21-\x7e]{16,}$/.test(text)) return text
  throw refusal(`The token in ${source} is too short, or has characters that no header can carry.`, [
    'It must have at least 16 visible characters of ASCII, such as: openssl rand -hex 32',
  ])
}

function refusal(message: string, hints: readonly string[]): Failure {
  return new Failure('server', message, hints)
}

function hash(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
