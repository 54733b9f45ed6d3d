import assert from 'node:assert/strict'
import {Hono} from 'hono'
import {vendorDoors} from '../../plugins/serve/src/conversation/doors.js'
import type {Door, ServeEnv} from '../../plugins/serve/src/http/door.js'
import {failed} from '../../plugins/serve/src/http/failed.js'
import type {FakeAgents} from './fake-agents.js'

export interface Received {
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

export interface Said {
  readonly role: string
  readonly content: unknown
}

/** A program that talks to the vendors' APIs of a server that has no socket. */
export class ChatClient {
  readonly messages: Said[] = []
  readonly #app: Hono<ServeEnv>

  constructor(
    fake: FakeAgents,
    readonly about: {id?: string; headers?: Record<string, string>; tasks?: 'agent' | 'off'} = {},
  ) {
    const {id = 'me', tasks = 'agent'} = about
    this.#app = new Hono<ServeEnv>()
    this.#app.use((c, next) => {
      c.set('client', {id, gone: c.req.raw.signal})
      return next()
    })
    const {clinvk, desk} = fake
    this.#app.route('/', vendorDoors({clinvk, desk, settings: {tasks, max_body: 1 << 20}} as unknown as Door))
    this.#app.onError((error, c) => failed(c, error))
  }

  async send(
    path: string,
    body: object,
    headers: Record<string, string> = {},
    signal?: AbortSignal,
  ): Promise<Received> {
    const response = await this.#app.request(path, {
      method: 'POST',
      headers: {'content-type': 'application/json', ...this.about.headers, ...headers},
      body: JSON.stringify(body),
      signal,
    })
    return {status: response.status, headers: response.headers, text: await response.text()}
  }

  async get(path: string, headers: Record<string, string> = {}): Promise<unknown> {
    return (await this.#app.request(path, {headers})).json()
  }

  /** Says something in the conversation, as chat programs do: with all that was said before. */
  async say(
    content: string,
    {headers = {}, ...body}: {headers?: Record<string, string>} & Record<string, unknown> = {},
  ) {
    this.messages.push({role: 'user', content})
    const sent = {model: 'echo', messages: this.messages, ...body}
    const received = await this.send('/openai/v1/chat/completions', sent, headers)
    if (received.status !== 200) {
      this.messages.pop()
      return {...received, answer: '', session: undefined}
    }
    const {choices} = JSON.parse(received.text) as {choices: {message: {content: string}}[]}
    const answer = choices[0]!.message.content
    this.messages.push({role: 'assistant', content: answer})
    return {...received, answer, session: received.headers.get('x-clinvk-session') ?? undefined}
  }
}

/** The events of a stream: what they are called, and their data. */
export function eventsOf({status, text}: Received): {event?: string; data: any}[] {
  assert.equal(status, 200, text)
  return text
    .split('\n\n')
    .filter((block) => block.trim() !== '')
    .map((block) => {
      const event = /^event: (.*)$/m.exec(block)?.[1]
      const data = /^data: (.*)$/m.exec(block)?.[1] ?? ''
      return {event, data: data.startsWith('{') ? JSON.parse(data) : data}
    })
}
