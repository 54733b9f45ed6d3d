import {createInterface} from 'node:readline'
import type {Readable, Writable} from 'node:stream'

export type Revision = '2025-06-18' | '2025-11-25' | '2026-07-28'

/** What a tool has answered: an object, or a sentence about what went wrong. */
export interface ToolAnswer {
  readonly data: ToolData
  readonly text: string
  readonly isError: boolean
}

/** Of all tools; a test looks at what it knows to be there. */
interface ToolData extends Readonly<
  Record<'session' | 'status' | 'answer' | 'activity' | 'more' | 'agent' | 'directory' | 'error', string>
> {
  readonly next?: string
  readonly hints: readonly string[]
  readonly notes: readonly string[]
  readonly denials: readonly unknown[]
  readonly answers: readonly ToolData[]
  readonly hits: readonly {readonly session: string; readonly snippet: string}[]
  readonly sessions: readonly {readonly session: string; readonly agent: string}[]
  readonly messages: readonly {readonly number: number; readonly text: string; readonly cut?: string}[]
}

export interface CallOptions {
  readonly signal?: AbortSignal
  readonly onProgress?: (message: string) => void
}

/** A client of MCP that is nothing but JSON-RPC, a message a line. */
export class McpClient {
  /** Whatever the server has written and is no message. */
  readonly noise: string[] = []
  readonly #input: Writable
  readonly #revision: Revision
  readonly #answers = new Map<number, (message: Message) => void>()
  readonly #progress = new Map<number, (message: string) => void>()
  #count = 0

  constructor(input: Writable, output: Readable, revision: Revision = '2025-11-25') {
    this.#input = input
    this.#revision = revision
    createInterface({input: output}).on('line', (line) => this.#read(line))
  }

  /** What clients of this revision say first. Resolves to what the server is. */
  async open(): Promise<Fields> {
    if (this.#isModern) return this.request('server/discover')
    const protocolVersion = this.#revision
    const about = await this.request('initialize', {protocolVersion, capabilities: {}, clientInfo: CLIENT})
    this.notify('notifications/initialized')
    return about
  }

  /** Rejects with what the server says is wrong. */
  async request(method: string, params: object = {}, options: CallOptions = {}): Promise<Fields> {
    const id = ++this.#count
    const {onProgress, signal} = options
    const meta = {
      ...(onProgress && {progressToken: id}),
      ...(this.#isModern && {
        'io.modelcontextprotocol/protocolVersion': this.#revision,
        'io.modelcontextprotocol/clientInfo': CLIENT,
        'io.modelcontextprotocol/clientCapabilities': {},
      }),
    }
    if (onProgress) this.#progress.set(id, onProgress)
    signal?.addEventListener('abort', () =>
      this.notify('notifications/cancelled', {requestId: id, reason: 'The user pressed Escape.'}),
    )
    const answered = new Promise<Message>((resolve) => this.#answers.set(id, resolve))
    this.#send({id, method, params: {...params, ...(Object.keys(meta).length > 0 && {_meta: meta})}})
    const cancelled = new Promise<Message>((resolve) =>
      signal?.addEventListener('abort', () => resolve({error: {message: 'cancelled'}})),
    )
    const {error, result = {}} = await Promise.race([answered, cancelled])
    if (error) throw new Error(error.message)
    return result
  }

  async call(tool: string, input: object = {}, options?: CallOptions): Promise<ToolAnswer> {
    const {content, isError = false} = await this.request(
      'tools/call',
      {name: tool, arguments: input},
      options,
    )
    const text = (content as {text: string}[]).map((part) => part.text).join('')
    let data: unknown
    try {
      data = JSON.parse(text)
    } catch {
      // A sentence.
    }
    return {data: data as ToolData, text, isError: Boolean(isError)}
  }

  notify(method: string, params: object = {}): void {
    this.#send({method, params})
  }

  get #isModern(): boolean {
    return this.#revision === '2026-07-28'
  }

  #send(message: object): void {
    this.#input.write(`${JSON.stringify({jsonrpc: '2.0', ...message})}\n`)
  }

  #read(line: string): void {
    let message: Message
    try {
      message = JSON.parse(line) as Message
    } catch {
      this.noise.push(line)
      return
    }
    const {id, method, params} = message
    if (method === 'notifications/progress')
      this.#progress.get(params!.progressToken as number)?.(params!.message as string)
    else if (id !== undefined) this.#answers.get(id)?.(message)
  }
}

type Fields = Readonly<Record<string, unknown>>

interface Message {
  readonly id?: number
  readonly method?: string
  readonly params?: Fields
  readonly result?: Fields
  readonly error?: {readonly message: string}
}

const CLIENT = {name: 'test', version: '1.0.0'}
