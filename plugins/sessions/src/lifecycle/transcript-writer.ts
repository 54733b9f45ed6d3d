import {appendFile} from 'node:fs/promises'
import {dirname} from 'node:path'
import type {TurnEvent} from 'clinvk-contract'
import {messageOf} from 'clinvk-kit/errors/failure'
import {makeDirectory} from 'clinvk-kit/files/replace-file'
import {endsTorn} from 'clinvk-kit/files/read-file'
import {formatNumber} from 'clinvk-kit/format/text'
import type {TurnResult} from 'clinvk-kit/turn/result'

export interface TurnOfTranscript {
  readonly turn: number
  readonly prompt: string
  readonly backend: string
  readonly model?: string
  readonly working_dir: string
}

/**
 * Appends one turn to the transcript of its session, while it runs: `store/transcripts.ts` says how. Nobody waits for the
 * disk but `end`; what a crash can lose is what came in the last quarter of a second.
 */
export class TranscriptWriter {
  /** Lines that are not yet written. */
  #lines = ''
  /** The message whose pieces come: `text` is what is not yet a line, `size` counts all of it. */
  #message: {readonly type: string; text: string; size: number} | undefined
  #room = LARGEST_TURN
  #timer: NodeJS.Timeout | undefined
  #writing: Promise<void> = Promise.resolve()
  #hasBegun = false
  #hasFailed = false

  /** `notice` is called once when the transcript cannot be written. */
  constructor(
    readonly path: string,
    readonly storesUsage: boolean,
    readonly notice: (message: string) => void,
  ) {}

  begin(turn: TurnOfTranscript): void {
    // Soon, so that a clinvk that is killed has left the prompt; but not before the agent is started.
    this.#timer = this.#later(STARTED_MS)
    this.#add('turn', turn)
  }

  /** Costs next to nothing for a piece of text: agents print a hundred thousand a second. */
  event(event: TurnEvent): void {
    const {type} = event
    if (type === 'text' || type === 'reasoning') {
      if (this.#message?.type !== type) {
        this.#endMessage()
        this.#message = {type, text: '', size: 0}
      }

      const {size} = this.#message
      this.#message.size += event.text.length
      if (size < LARGEST_MESSAGE) this.#message.text += event.text.slice(0, LARGEST_MESSAGE - size)
      this.#timer ??= this.#later()
    } else if (type === 'tool_result') this.#add(type, {...event, output: cut(event.output)})
    else if (type !== 'unparsed' && (type !== 'usage' || this.storesUsage)) this.#add(type, event)
  }

  /** Resolves when all is written, or could not be. */
  async end({backend_session_id, denials, error, model, outcome, usage}: TurnResult): Promise<void> {
    const hasDenials = denials.length > 0
    this.#add('done', {
      outcome,
      error,
      usage: this.storesUsage ? usage : undefined,
      denials: hasDenials ? denials : undefined,
      model,
      backend_session_id,
    })
    this.#flush()
    await this.#writing
  }

  #endMessage(): void {
    if (this.#message && this.#message.size > LARGEST_MESSAGE)
      this.#message.text += notKept(this.#message.size - LARGEST_MESSAGE)
    this.#takeText()
    this.#message = undefined
  }

  #takeText(): void {
    if (!this.#message || this.#message.text === '') return
    const {text, type} = this.#message
    this.#message.text = ''
    this.#append(type, {text})
  }

  #add(type: string, fields: object): void {
    this.#endMessage()
    this.#append(type, fields)
    this.#timer ??= this.#later()
  }

  #append(type: string, fields: object): void {
    try {
      const text = `${JSON.stringify({type, time: new Date().toISOString(), ...fields})}\n`
      if (this.#room > 0 || type === 'done') this.#lines += text
      this.#room -= text.length
    } catch {
      // A backend may give what is no JSON, such as a circle.
    }
  }

  #later(ms = INTERVAL_MS): NodeJS.Timeout {
    return setTimeout(() => this.#flush(), ms).unref()
  }

  #flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#takeText()
    const lines = this.#lines
    this.#lines = ''
    if (lines !== '') this.#writing = this.#writing.then(() => this.#write(lines))
  }

  async #write(lines: string): Promise<void> {
    if (this.#hasFailed) return
    try {
      // Once a turn: a clinvk that was killed may have left half a line.
      const isTorn = this.#hasBegun ? false : endsTorn(this.path)
      if (isTorn === undefined) makeDirectory(dirname(this.path))
      this.#hasBegun = true
      await appendFile(this.path, isTorn ? `\n${lines}` : lines, {mode: 0o600})
    } catch (error) {
      this.#hasFailed = true
      this.notice(`The transcript of this turn cannot be written: ${messageOf(error)}`)
    }
  }
}

function cut(output: string): string {
  if (output.length <= LARGEST_RESULT) return output
  const kept = output.slice(0, LARGEST_RESULT).replace(/[\uD800-\uDBFF]$/, '')
  return kept + notKept(output.length - kept.length)
}

function notKept(characters: number): string {
  return `\n[${formatNumber(characters)} more characters are not kept]`
}

const INTERVAL_MS = 250
const STARTED_MS = 20
/** Characters of what a tool has given back. */
const LARGEST_RESULT = 64 * 1024
/** Characters of an answer or of reasoning without a tool in between, some ten times what models give. */
const LARGEST_MESSAGE = 1024 * 1024
/** Characters of a turn, and so the most that a slow disk can make wait in memory. */
const LARGEST_TURN = 64 * 1024 * 1024
