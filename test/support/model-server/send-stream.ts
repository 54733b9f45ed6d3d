import type {Connection} from './connection.js'
import type {Dialect, Frame} from './dialect.js'
import type {BrokenReply, PlainReply} from './reply.js'

/** Sends the events of an answer with the reply's pace and its fault; tells whether all of it went out sound. */
export async function sendStream(
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
      if ('malformed' in reply) await connection.write(`${frame.data.slice(0, frame.data.length / 2)}\n\n`)
    }
    if (reply.chunkMs !== undefined) await connection.wait(reply.chunkMs)
  }
  connection.end()
  return !('empty' in reply || 'sseError' in reply || 'malformed' in reply)
}
