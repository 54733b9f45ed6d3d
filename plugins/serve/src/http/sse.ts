import type {Context} from 'hono'
import type {ServeEnv} from './door.js'

export interface EventStream {
  /** `data`: as JSON; a text as it is. Resolves once there is room for more, so that who awaits it is as slow as the client. */
  send(data: object | string, event?: string): Promise<void>
  /** Whether something was sent, so that an error can only be an event. */
  readonly isOpen: boolean
}

/**
 * Answers with a stream of events. `run` may decide for another response as long as it has sent nothing: an error with
 * its status. The stream begins with the first event, and after some seconds by itself; it ends when `run` does. A client
 * that reads nothing for a minute is cut off: then it has gone, and nothing waits for it. `ping` keeps the connection open.
 */
export function eventStream(
  c: Context<ServeEnv>,
  run: (stream: EventStream) => Promise<Response | undefined>,
  ping = ': ping\n\n',
): Promise<Response> {
  return new Promise((resolve, reject) => {
    let controller!: ReadableStreamDefaultController<Uint8Array>
    let isOpen = false
    let isGone = false
    /** Those who wait until the client has read. */
    const waiting: (() => void)[] = []
    const resumeWaiting = () => waiting.splice(0).forEach((resume) => resume())
    // Not a TransformStream, which takes several kilobytes more while it waits.
    const readable = new ReadableStream<Uint8Array>(
      {
        start: (given) => void (controller = given),
        pull: resumeWaiting,
        cancel() {
          // The client has gone; the turn is told by its signal.
          isGone = true
          resumeWaiting()
        },
      },
      {highWaterMark: HIGH_WATER, size: ({byteLength}) => byteLength},
    )
    const open = () => {
      if (isOpen) return
      isOpen = true
      resolve(c.body(readable, 200, HEADERS))
    }
    const write = async (text: string) => {
      if (isGone) return
      open()
      controller.enqueue(ENCODER.encode(text))
      if ((controller.desiredSize ?? 0) > 0) return
      const timer = setTimeout(() => c.env.outgoing?.destroy(), STALLED_MS)
      await new Promise<void>((room) => waiting.push(room))
      clearTimeout(timer)
    }
    const pings = setInterval(() => {
      if ((controller.desiredSize ?? 0) > 0) void write(ping)
    }, PING_MS)
    const later = setTimeout(() => void write(ping), OPEN_AFTER_MS)
    const stream: EventStream = {
      get isOpen() {
        return isOpen
      },
      send(data, event) {
        const text = typeof data === 'string' ? data : JSON.stringify(data)
        return write(`${event === undefined ? '' : `event: ${event}\n`}data: ${text}\n\n`)
      },
    }
    const answer = async () => {
      try {
        const instead = await run(stream)
        if (instead && !isOpen) return resolve(instead)
        open()
        if (!isGone) controller.close()
      } catch (error) {
        if (!isOpen) reject(error instanceof Error ? error : new Error(String(error)))
        else if (!isGone) controller.error(error)
      } finally {
        clearInterval(pings)
        clearTimeout(later)
        resumeWaiting()
      }
    }
    void answer()
  })
}

const ENCODER = new TextEncoder()
const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache',
  'x-accel-buffering': 'no',
}
const PING_MS = 15_000
/** Until then an error still has its status. */
const OPEN_AFTER_MS = 5000
const STALLED_MS = 60_000
/** Bytes that wait for the client before `send` waits. */
const HIGH_WATER = 64 * 1024
