import {createReadStream} from 'node:fs'
import {appendFile, stat} from 'node:fs/promises'
import {dirname} from 'node:path'
import {buffer} from 'node:stream/consumers'
import {isRecord} from 'clinvk-kit/format/is-record'
import {makeDirectory, replaceFile} from 'clinvk-kit/files/replace-file'

/** A turn of a session that a client knows: what was said until its end, as hashes. */
export interface KnownTurn {
  readonly session: string
  readonly backend: string
  /** Its number in the session, from 1 on. */
  readonly turn: number
  /** Of the whole conversation until its end, as the client has it. */
  readonly chain: string
  /** Of the user's last message in it, and of its answer. */
  readonly question: string
  readonly answer: string
  /** Of the client's instructions. */
  readonly system: string
  /** Of the client's own id of the conversation. */
  readonly conversation?: string
  /** The session that the client names, where this one is a fork that was made for it. */
  readonly root?: string
}

/**
 * The turns that clients know, in a file of JSON lines to which each turn adds one. Several servers may write it; what
 * is lost of it costs no conversation: its next turn begins a new session with the conversation as a document.
 */
export class KnownTurns {
  readonly #path: string
  #turns: KnownTurn[] = []
  /** Bytes of the file that have been read: whole lines. */
  #read = 0
  #busy: Promise<unknown> = Promise.resolve()

  constructor(path: string) {
    this.#path = path
  }

  /** Those that the test takes, the newest first. */
  find(test: (turn: KnownTurn) => boolean): Promise<KnownTurn[]> {
    return this.#inOrder(async () => {
      await this.#catchUp()
      return this.#turns.filter(test).reverse()
    })
  }

  add(turn: KnownTurn): Promise<void> {
    return this.#inOrder(async () => {
      makeDirectory(dirname(this.#path))
      const isWhole = await this.#catchUp()
      // After a line that a crash has cut off.
      await appendFile(this.#path, `${isWhole ? '' : '\n'}${JSON.stringify(turn)}\n`, {mode: 0o600})
      await this.#catchUp()
      if (this.#read > LARGEST_FILE) await this.#shorten()
    })
  }

  /** Reads what was added since, by other servers, too. Resolves to whether the file ends with a whole line. */
  async #catchUp(): Promise<boolean> {
    const {size = 0} = (await stat(this.#path).catch(() => undefined)) ?? {}
    if (size < this.#read) {
      this.#read = 0
      this.#turns = []
    }
    if (size === this.#read) return true
    const bytes = await buffer(createReadStream(this.#path, {start: this.#read, end: size - 1}))
    const end = bytes.lastIndexOf(10) + 1
    this.#turns.push(...bytes.toString('utf8', 0, end).split('\n').flatMap(parse))
    this.#read += end
    return end === bytes.length
  }

  async #shorten(): Promise<void> {
    this.#turns = this.#turns.slice(-Math.ceil(this.#turns.length / 2))
    const text = this.#turns.map((turn) => `${JSON.stringify(turn)}\n`).join('')
    await replaceFile(this.#path, text)
    this.#read = Buffer.byteLength(text)
  }

  #inOrder<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#busy.then(work)
    this.#busy = done.catch(() => undefined)
    return done
  }
}

/** Nothing for a line that is none of these. */
function parse(line: string): KnownTurn[] {
  try {
    const found: unknown = JSON.parse(line)
    if (!isRecord(found) || typeof found.turn !== 'number') return []
    const isText = ['session', 'backend', 'chain', 'question', 'answer', 'system'].every(
      (field) => typeof found[field] === 'string',
    )
    return isText ? [found as unknown as KnownTurn] : []
  } catch {
    return []
  }
}

/** Some 16,000 turns. */
const LARGEST_FILE = 4 * 1024 * 1024
