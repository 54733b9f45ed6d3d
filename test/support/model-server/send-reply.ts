import type {ModelCall} from './call.js'
import type {Connection} from './connection.js'
import type {Dialect} from './dialect.js'
import {fillAnswer} from './fill-answer.js'
import {sendStream} from './send-stream.js'

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
  if ('delayMs' in reply && reply.delayMs !== undefined) await connection.wait(reply.delayMs)
  if ('status' in reply) {
    call.status = reply.status
    return connection.json(reply.status, dialect.error(reply), reply.headers)
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
