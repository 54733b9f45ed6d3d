import {appendFileSync, readFileSync, statSync} from 'node:fs'
import {dirname} from 'node:path'
import {makeDirectory, replaceFile} from 'clinvk-kit/files/replace-file'
import {endsTorn} from 'clinvk-kit/files/read-file'
import * as z from 'zod'

const knownTurn = z.object({
  session: z.string(),
  /** Its number in the session, from 1 on. */
  turn: z.number(),
  /** Of the whole conversation until its end, as the client has it. */
  chain: z.string(),
  /** Of the user's last message in it, and of its answer. */
  question: z.string(),
  answer: z.string(),
  /** Of the client's instructions. */
  system: z.string(),
  /** Of the client's own id of the conversation. */
  conversation: z.string().optional(),
  /** The session that the client names, where this one is a fork that was made for it. */
  root: z.string().optional(),
})

/** A turn of a session that a client knows: what was said until its end, as hashes. */
export type KnownTurn = z.output<typeof knownTurn>

/**
 * The turns that clients know, in a file of JSON lines to which each turn adds one. Several servers may write it; what
 * is lost of it costs no conversation: its next turn begins a new session with the conversation as a document.
 */
export class KnownTurns {
  #turns: KnownTurn[] = []
  /** Bytes of the file that have been read: whole lines. */
  #read = 0

  constructor(readonly path: string) {}

  /** Those that the test takes, the newest first. */
  find(test: (turn: KnownTurn) => boolean): KnownTurn[] {
    this.#catchUp()
    return this.#turns.filter(test).reverse()
  }

  async add(turn: KnownTurn): Promise<void> {
    makeDirectory(dirname(this.path))
    // After a line that a crash has cut off.
    const start = endsTorn(this.path) ? '\n' : ''
    appendFileSync(this.path, `${start}${JSON.stringify(turn)}\n`, {mode: 0o600})
    this.#catchUp()
    if (this.#read > LARGEST_FILE) await this.#shorten()
  }

  /** Reads what was added since, by other servers, too. */
  #catchUp(): void {
    const size = statSync(this.path, {throwIfNoEntry: false})?.size ?? 0
    if (size < this.#read) {
      this.#read = 0
      this.#turns = []
    }
    if (size === this.#read) return
    const bytes = readFileSync(this.path).subarray(this.#read)
    const end = bytes.lastIndexOf('\n') + 1
    this.#turns.push(...bytes.toString('utf8', 0, end).split('\n').flatMap(parse))
    this.#read += end
  }

  async #shorten(): Promise<void> {
    this.#turns = this.#turns.slice(-Math.ceil(this.#turns.length / 2))
    const text = this.#turns.map((turn) => `${JSON.stringify(turn)}\n`).join('')
    await replaceFile(this.path, text)
    this.#read = Buffer.byteLength(text)
  }
}

/** Nothing for a line that is none of these. */
function parse(line: string): KnownTurn[] {
  try {
    return [knownTurn.parse(JSON.parse(line))]
  } catch {
    return []
  }
}

/** Some 16,000 turns. */
const LARGEST_FILE = 4 * 1024 * 1024
