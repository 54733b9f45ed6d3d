import type {IncomingMessage} from 'node:http'
import type {Conversation} from './call.js'
import type {Connection} from './connection.js'
import type {Dialect, Route} from './dialect.js'
import {anthropic} from './dialects/anthropic.js'
import {gemini} from './dialects/gemini.js'
import {openaiChat} from './dialects/openai-chat.js'
import {openaiResponses} from './dialects/openai-responses.js'
import {readBody} from './read-body.js'

/** A model call that still waits for its reply. */
export interface Question {
  dialect: Dialect
  conversation: Conversation
  body: unknown
}

/** Reads a request. A model call is returned; anything else is answered here. */
export async function handleRequest(
  request: IncomingMessage,
  connection: Connection,
): Promise<Question | undefined> {
  const route = {
    method: request.method ?? 'GET',
    path: new URL(request.url ?? '/', 'http://localhost').pathname,
  }
  const dialect = dialects.find((candidate) => candidate.matches(route))
  try {
    const body = await readBody(request)
    if (dialect) return {dialect, conversation: dialect.read(body, route), body}
    answerSide(route, body, connection)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    connection.json(400, dialect ? dialect.error({status: 400, message}) : {error: {message}})
  }
  return undefined
}

const dialects: Dialect[] = [anthropic, openaiResponses, openaiChat, gemini]

function answerSide(route: Route, body: unknown, connection: Connection): void {
  for (const dialect of dialects) {
    const answer = dialect.side(route, body)
    if (answer !== undefined) return connection.json(200, answer)
  }
  connection.json(404, {error: {message: `the model server knows no ${route.method} ${route.path}`}})
}
