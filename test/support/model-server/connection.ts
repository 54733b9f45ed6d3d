import type {ServerResponse} from 'node:http'
import {setTimeout as sleep} from 'node:timers/promises'

/** The way back to one client. Once the client is gone, everything that writes or waits throws. */
export class Connection {
  /** Resolves when the response is out or the connection is gone. */
  readonly ended: Promise<void>
  /** The client went away before the end of the response. */
  closedEarly = false

  #cut = false
  #gone = new AbortController()
  #response: ServerResponse

  constructor(response: ServerResponse) {
    this.#response = response
    this.ended = new Promise((resolve) => {
      response.once('close', () => {
        this.closedEarly = !response.writableFinished && !this.#cut
        this.#gone.abort()
        resolve()
      })
    })
  }

  get isGone(): boolean {
    return this.#gone.signal.aborted
  }

  json(status: number, value: unknown, headers: Record<string, string> = {}): void {
    this.#response.writeHead(status, {'content-type': 'application/json', ...headers})
    this.#response.end(JSON.stringify(value))
  }

  startStream(): void {
    this.#response.writeHead(200, {'content-type': 'text/event-stream', 'cache-control': 'no-cache'})
  }

  /** Resolves when `data` has left this process, so that destroying the connection next does not take it along. */
  async write(data: string): Promise<void> {
    await new Promise<void>((resolve) => this.#response.write(data, () => resolve()))
    this.#gone.signal.throwIfAborted()
  }

  async wait(ms: number): Promise<void> {
    await sleep(ms, undefined, {signal: this.#gone.signal})
  }

  end(): void {
    this.#response.end()
  }

  /** Destroys the connection in the middle of a response. */
  cut(): void {
    this.#cut = true
    this.#response.destroy()
  }
}
