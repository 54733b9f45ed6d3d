import {EventEmitter, once} from 'node:events'
import {messageOf} from 'clinvk-kit/errors/failure'
import type {TurnOutput} from 'clinvk-kit/turn/context'
import type {TurnResult} from 'clinvk-kit/turn/result'

/** A piece of what the agent says or thinks. */
export interface AnswerPiece {
  readonly type: 'text' | 'reasoning'
  readonly text: string
}

/** The session in which a turn runs. */
export interface TurnPlace {
  /** Absent when it is ephemeral. */
  readonly session?: string
  /** The number of the turn in it, from 1 on. */
  readonly turn?: number
}

/**
 * A turn that several requests may hear, each from its beginning: a client that asks again gets the same answer, and
 * no agent runs twice. It is cancelled when nobody listens any more.
 */
export class Answer {
  /** Whether an agent was started. */
  hasStarted = false
  /** Set with that. */
  place: TurnPlace | undefined
  /** Set at the end. */
  result: TurnResult | undefined
  endedAt: number | undefined
  readonly #pieces: AnswerPiece[] = []
  readonly #stop = new AbortController()
  readonly #changes = new EventEmitter().setMaxListeners(0)
  #listeners = 0
  /** How many pieces the fastest reader has taken. */
  #taken = 0

  /**
   * `run` gets the signal of a client that has gone; `end` is awaited before clients hear of the end. `headers`: what they
   * are told besides.
   */
  constructor(
    run: (gone: AbortSignal, output: TurnOutput) => Promise<unknown>,
    readonly end: (answer: Answer) => Promise<void> | void = () => undefined,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    void run(this.#stop.signal, this.#output()).catch((error: unknown) => this.#fail(error))
  }

  /** Whether nobody has listened any more. */
  get isCancelled(): boolean {
    return this.#stop.signal.aborted
  }

  /** All that was told as the answer so far. */
  get text(): string {
    return this.#pieces.map(({text, type}) => (type === 'text' ? text : '')).join('')
  }

  /** Keeps the turn alive until the signal aborts. */
  listen(gone: AbortSignal): void {
    this.#listeners++
    const leave = () => {
      this.#listeners--
      // A client that asks again does so at once.
      setTimeout(() => {
        if (this.#listeners > 0 || this.result) return
        this.#stop.abort('SIGTERM')
        this.#changes.emit(CHANGE)
      }, UNHEARD_MS).unref()
    }
    if (gone.aborted) leave()
    else gone.addEventListener('abort', leave, {once: true})
  }

  /** All pieces, from the first one on; then there is a `result`. What is not taken slows the agent. */
  async *read(): AsyncGenerator<AnswerPiece> {
    for (let index = 0; ; index++) {
      while (!this.#pieces[index] && !this.result) await once(this.#changes, CHANGE)
      const piece = this.#pieces[index]
      if (!piece) return
      yield piece
      this.#taken = Math.max(this.#taken, index + 1)
      this.#changes.emit(CHANGE)
    }
  }

  #output(): TurnOutput {
    return {
      needsContent: true,
      start: ({number: turn, sessionId}) => {
        this.hasStarted = true
        // What could not be written cannot be continued.
        this.place = {session: turn === undefined ? undefined : sessionId, turn}
      },
      event: async (event) => {
        if (event.type !== 'text' && event.type !== 'reasoning') return
        this.#add({type: event.type, text: event.text})
        while (this.#pieces.length - this.#taken > MOST_AHEAD && !this.#stop.signal.aborted)
          await once(this.#changes, CHANGE)
      },
      notice: () => undefined,
      done: (result) => this.#end(result),
    }
  }

  /** A bug of ours: clients are told, and the server runs on. */
  async #fail(error: unknown): Promise<void> {
    if (this.result) return
    await this.#end({
      content: this.text,
      outcome: 'failed',
      error: {kind: 'internal', message: messageOf(error)},
      exit_code: 1,
      duration_seconds: 0,
      denials: [],
    })
  }

  async #end(result: TurnResult): Promise<void> {
    // A backend may know more of the answer than it has streamed.
    if (result.outcome === 'success' && this.text === '' && result.content !== '')
      this.#add({type: 'text', text: result.content})
    try {
      await this.end(this)
    } finally {
      this.result = result
      this.endedAt = Date.now()
      this.#changes.emit(CHANGE)
    }
  }

  #add(piece: AnswerPiece): void {
    this.#pieces.push(piece)
    this.#changes.emit(CHANGE)
  }
}

const CHANGE = 'change'
/** How long a turn runs on that nobody listens to. */
const UNHEARD_MS = 1000
/** Pieces that the agent may be ahead of its clients. */
const MOST_AHEAD = 256
