import assert from 'node:assert/strict'
import {EventEmitter} from 'node:events'
import {serveSettings} from '../../plugins/serve/src/core/settings.js'
import {makeApp} from '../../plugins/serve/src/http/app.js'
import type {Door} from '../../plugins/serve/src/http/door.js'
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
  readonly #app: ReturnType<typeof makeApp>

  constructor(
    fake: FakeAgents,
    readonly about: {token?: string; headers?: Record<string, string>; tasks?: 'agent' | 'off'} = {},
  ) {
    const {tasks = 'agent', token = 'mine'} = about
    const {runner, hooks: clinvk} = fake
    const door = {clinvk, runner, settings: serveSettings({tasks})} as unknown as Door
    this.#app = makeApp(door, {token, now: () => 0, log: () => undefined, logsBodies: false})
  }

  async send(
    path: string,
    body: object,
    headers: Record<string, string> = {},
    signal?: AbortSignal,
  ): Promise<Received> {
    const outgoing = new EventEmitter()
    signal?.addEventListener('abort', () => outgoing.emit('close'))
    const init = {
      method: 'POST',
      headers: {...this.#authorized, 'content-type': 'application/json', ...this.about.headers, ...headers},
      body: JSON.stringify(body),
    }
    const response = await this.#app.request(path, init, {outgoing})
    return {status: response.status, headers: response.headers, text: await response.text()}
  }

  async get(path: string, headers: Record<string, string> = {}): Promise<Wire> {
    return (await (
      await this.#app.request(path, {headers: {...this.#authorized, ...headers}}, {})
    ).json()) as Wire
  }

  get #authorized(): Record<string, string> {
    return {authorization: `Bearer ${this.about.token ?? 'mine'}`}
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
    const answer = wire(received).choices[0]!.message.content
    this.messages.push({role: 'assistant', content: answer})
    return {...received, answer, session: received.headers.get('x-clinvk-session') ?? undefined}
  }
}

/** The events of a stream: what they are called, and their data. */
export function eventsOf({status, text}: Received): {event?: string; data: Wire}[] {
  assert.equal(status, 200, text)
  return text
    .split('\n\n')
    .filter((block) => block.trim() !== '')
    .map((block) => {
      const event = /^event: (.*)$/m.exec(block)?.[1]
      const data = /^data: (.*)$/m.exec(block)?.[1] ?? ''
      return {event, data: (data.startsWith('{') ? JSON.parse(data) : data) as Wire}
    })
}

export function wire({text}: Pick<Received, 'text'>): Wire {
  return JSON.parse(text) as Wire
}

/** What the APIs answer, as far as tests look at it. Each answer has some of these. */
export interface Wire {
  clinvk: {session_id: string; error: {kind: string}}
  choices: {
    message: {content: string}
    delta: {content?: string; role?: string}
    finish_reason: string | null
  }[]
  content: unknown
  content_block?: {type: string}
  created: number
  data: {id: string; type?: string; object?: string}[]
  delta: unknown
  error?: {type: string; code: string; message: string; param: string | null}
  first_id: string
  has_more: boolean
  id: string
  incomplete_details: unknown
  index?: number
  input_tokens: number
  instructions: string
  item: {type: string}
  last_id: string
  message: Wire
  metadata: unknown
  object: string
  output: {type: string; summary: unknown; content: {text: string}[]}[]
  output_index: number
  response: Wire
  sequence_number: number
  status: string
  stop_reason: string
  type: string
  usage?: Record<string, unknown>
}
