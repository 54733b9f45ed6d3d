import type {ServerResponse} from 'node:http'
import {setTimeout as sleep} from 'node:timers/promises'
import {fillAnswer} from './answer.js'
import type {BrokenReply, Dialect, Frame, ModelCall, PlainReply} from './types.js'

/** Writes the reply of a call, with its pace and its faults, and notes in the call what was sent. */
export async function sendReply(call: ModelCall, dialect: Dialect, connection: Connection): Promise<void> {
  try {
    await send(call, dialect, connection)
  } catch (error) {
    // A client that has gone away ends every wait; anything else is a mistake in here and shall be seen.
    if (!connection.isGone) throw error
  }
}

async function send(call: ModelCall, dialect: Dialect, connection: Connection): Promise<void> {
  const {reply} = call
  if ('status' in reply) {
    call.status = reply.status
    const body = dialect.error(reply) as {error: object}
    return connection.json(reply.status, {...body, error: {...body.error, ...reply.error}}, reply.headers)
  }
  if ('hang' in reply && reply.hang === 'headers') return
  const answer = fillAnswer(reply, call)
  call.status = 200
  if (call.stream) {
    if (await sendStream(dialect.frames(answer), reply, dialect, connection)) call.sent = answer.usage
  } else {
    connection.json(200, dialect.whole(answer))
    call.sent = answer.usage
  }
}

/** Sends the events of an answer with the reply's pace and its fault; tells whether all of it went out sound. */
async function sendStream(
  frames: Iterable<Frame>,
  reply: PlainReply | BrokenReply,
  dialect: Dialect,
  connection: Connection,
): Promise<boolean> {
  connection.startStream()
  let faultIsDue = true
  for (const frame of 'empty' in reply ? [] : frames) {
    await connection.write(frame.data)
    if (frame.text && faultIsDue) {
      faultIsDue = false
      if ('hang' in reply) return false
      if ('cut' in reply) {
        connection.cut()
        return false
      }
      if ('sseError' in reply) {
        await connection.write(dialect.streamError(reply.sseError))
        break
      }
    }
    if (reply.chunkMs !== undefined) await connection.wait(reply.chunkMs)
  }
  connection.end()
  return !('empty' in reply || 'sseError' in reply)
}

/** The way back to one client. Once the client is gone, everything that writes or waits throws. */
export class Connection {
  #gone = new AbortController()
  #response: ServerResponse

  constructor(response: ServerResponse) {
    this.#response = response
    response.once('close', () => this.#gone.abort())
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
    this.#response.destroy()
  }
}
