import {once} from 'node:events'
import {request as httpRequest, type IncomingHttpHeaders, type IncomingMessage, type Server} from 'node:http'
import {type AddressInfo, connect} from 'node:net'
import type {Clinvk} from '../../plugins/serve/src/core/clinvk.js'
import {TurnRunner} from '../../plugins/serve/src/core/turn-runner.js'
import {serveSettings} from '../../plugins/serve/src/core/settings.js'
import {makeApp} from '../../plugins/serve/src/http/app.js'
import {listen} from '../../plugins/serve/src/http/listen.js'
import {FakeClinvk} from './fake-clinvk.js'

export const TOKEN = 'a-token-of-the-tests-0123456789'

/** The server in this process, before a clinvk whose turns the test decides about. */
export class FakeServer {
  readonly clinvk = new FakeClinvk()
  readonly clock = {now: 0}
  readonly logged: string[] = []
  readonly #log = (text: string) => void this.logged.push(text)

  readonly runner: TurnRunner
  readonly app: ReturnType<typeof makeApp>
  server!: Server

  /** `section`: `server` of config.yaml. */
  static async start(section: object = {}): Promise<FakeServer> {
    const fake = new FakeServer(section)
    fake.server = await listen(fake.app, {...serveSettings(section), port: 0}, fake.#log)
    return fake
  }

  private constructor(section: object) {
    const clinvk = this.clinvk as unknown as Clinvk
    const settings = serveSettings(section)
    this.runner = new TurnRunner(clinvk, settings, {cwd: process.cwd(), env: {}})
    const door = {clinvk, runner: this.runner, settings, env: {}}
    const now = () => this.clock.now
    this.app = makeApp(door, {token: TOKEN, now, log: this.#log, logsBodies: false})
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port
  }

  /** A request with the token, unless `headers` say otherwise; `null` leaves a header out. */
  async ask(
    path: string,
    {body, headers, method = body === undefined ? 'GET' : 'POST'}: Asked = {},
  ): Promise<Answer> {
    const all: Record<string, string | null> = {
      authorization: `Bearer ${TOKEN}`,
      ...(body === undefined ? {} : {'content-type': 'application/json'}),
      ...headers,
    }
    const given = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null)) as Record<
      string,
      string
    >
    const {port} = this
    const request = httpRequest({host: '127.0.0.1', port, path, method, headers: given, agent: false})
    // The answer may come before all was sent.
    request.on('error', () => undefined)
    request.end(body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body))
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    const chunks: Buffer[] = []
    for await (const chunk of response) chunks.push(chunk as Buffer)
    const text = Buffer.concat(chunks).toString()
    return {
      status: response.statusCode!,
      headers: response.headers,
      text,
      json: () => JSON.parse(text) as Record<string, unknown>,
      error: () => (JSON.parse(text) as {error: Record<string, string>}).error,
    }
  }

  /** Sends bytes as they are; resolves to all that was answered before the connection ended. */
  async raw(bytes: string | Buffer): Promise<string> {
    const socket = connect(this.port, '127.0.0.1')
    socket.end(bytes)
    let text = ''
    for await (const chunk of socket) text += String(chunk)
    return text
  }

  async close(): Promise<void> {
    this.runner.cancel()
    this.server.close()
    this.server.closeAllConnections()
    await this.runner.empty()
  }
}

interface Asked {
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string | null>>
  readonly method?: string
}

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  json(): Record<string, unknown>
  /** Of an error: `code`, `message` and so on. */
  error(): Record<string, string>
}
