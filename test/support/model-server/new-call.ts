import type {IncomingMessage} from 'node:http'
import type {ModelCall} from './call.js'
import type {Connection} from './connection.js'
import type {Question} from './handle-request.js'
import type {Rules} from './rules.js'

/** The record of a model call that has just arrived, with the reply that the rules give it. */
export function newCall(
  question: Question,
  request: IncomingMessage,
  connection: Connection,
  rules: Rules,
): ModelCall {
  const {dialect, conversation, body} = question
  const prompts = conversation.turns.flatMap((turn) => turn.prompts)
  const prompt = prompts.at(-1) ?? ''
  const call: ModelCall = {
    ...conversation,
    dialect: dialect.name,
    headers: request.headers,
    body,
    prompt,
    prompts,
    reply: rules.choose(prompt, conversation),
    closedEarly: false,
    ended: connection.ended.then(() => {
      call.closedEarly = connection.closedEarly
    }),
  }
  return call
}
