import {once} from 'node:events'
import {type IncomingMessage, type ServerResponse, createServer} from 'node:http'
import type {AddressInfo} from 'node:net'
import type {Duplex} from 'node:stream'
import {promisify} from 'node:util'
import zlib from 'node:zlib'
import {addUsage} from './answer.js'
import {anthropic} from './dialects/anthropic.js'
import {gemini} from './dialects/gemini.js'
import {openaiChat} from './dialects/openai-chat.js'
import {openaiResponses} from './dialects/openai-responses.js'
import {matches, Rules} from './rules.js'
import {Connection, sendReply} from './send-reply.js'
import {waitFor} from '../wait-for.js'
import type {Conversation, Dialect, ModelCall, Reply, Route, Usage} from './types.js'
export type {ErrorReply, ToolCall} from './types.js'

/** An HTTP server on 127.0.0.1 that stands in for the models' real APIs and does what a test tells it. */
export interface ModelServer {
  /** `http://127.0.0.1:PORT`, with a port that was free. */
  readonly url: string
  /** Every model call in order of arrival, those that got an error too; token counts, model lists and probes are not. */
  readonly calls: readonly ModelCall[]
  /**
   * Answers prompts whose text contains `match`: `steps[k]` is the reply to the k-th model call after that prompt,
   * so the first may ask for a tool and the second end the turn. Past the last step the answer is `done`. Later rules
   * win over earlier ones.
   */
  when(match: string | RegExp, ...steps: Reply[]): void
  /** Answers everything that no rule matches. */
  otherwise(reply: Reply): void
  /** Forgets rules and calls. */
  reset(): void
  /** The sum of what was reported in all complete answers. */
  usage(): Usage
  /**
   * The `count`-th call whose prompt contains `match` (the first when left out): at once if it has been made, else
   * when it arrives. Rejects after `ms` milliseconds (20000).
   */
  arrived(match: string | RegExp, count?: number, ms?: number): Promise<ModelCall>
  /** Stops, and destroys open connections. */
  close(): Promise<void>
}

export async function startModelServer(): Promise<ModelServer> {
  const calls: ModelCall[] = []
  const rules = new Rules()

  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const connection = new Connection(response)
    const question = await handleRequest(request, connection)
    if (!question) return
    const {conversation, dialect} = question
    const prompts = conversation.turns.flatMap((turn) => turn.prompts)
    const prompt = prompts.at(-1) ?? ''
    const {headers} = request
    const reply = rules.choose(prompt, conversation)
    const call: ModelCall = {...conversation, headers, prompt, prompts, reply}
    calls.push(call)
    await sendReply(call, dialect, connection)
  }

  const server = createServer((request, response) => void serve(request, response))
  server.on('upgrade', refuseUpgrade)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    when: (match, ...steps) => rules.when(match, steps),
    otherwise: (reply) => rules.otherwise(reply),
    reset() {
      rules.reset()
      calls.length = 0
    },
    usage: () => addUsage(calls.flatMap(({sent}) => sent ?? [])),
    async arrived(match, count = 1, ms = 20_000) {
      const look = () => calls.filter(({prompt}) => matches(match, prompt))[count - 1]
      try {
        return await waitFor('a model call', look, ms)
      } catch (cause) {
        const seen = calls.map(({prompt}) => JSON.stringify(prompt.slice(0, 80))).join(', ') || 'none'
        const wanted = `${count} model call(s) with ${String(match)} in the prompt`
        throw new Error(`expected ${wanted}, after ${ms} ms there were: ${seen}`, {cause})
      }
    },
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

/** A model call that still waits for its reply. */
interface Question {
  dialect: Dialect
  conversation: Conversation
}

/** Reads a request. A model call is returned; anything else is answered here. */
async function handleRequest(
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
    if (dialect) return {dialect, conversation: dialect.read(body, route)}
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

/** The request's JSON body, unpacked; undefined when there is none. Throws when it is not JSON. */
async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const packed = Buffer.concat(chunks)
  if (packed.length === 0) return undefined
  const unpack = unpackers[request.headers['content-encoding'] ?? 'identity']
  if (!unpack) throw new Error(`unknown content-encoding ${request.headers['content-encoding'] ?? ''}`)
  return JSON.parse((await unpack(packed)).toString('utf8'))
}

// Node's zlib has zstd from 22.15 on.
const {zstdDecompress} = zlib as {zstdDecompress?: typeof zlib.gunzip}

const unpackers: Record<string, ((packed: Buffer) => Promise<Buffer>) | undefined> = {
  identity: (packed) => Promise.resolve(packed),
  gzip: promisify<Buffer, Buffer>(zlib.gunzip),
  zstd: zstdDecompress && promisify<Buffer, Buffer>(zstdDecompress),
}

/** Says at once that there are no web sockets here: codex asks its own provider for one first, and 404 costs it 10 s. */
function refuseUpgrade(_request: unknown, socket: Duplex): void {
  socket.end('HTTP/1.1 426 Upgrade Required\r\nconnection: close\r\ncontent-length: 0\r\n\r\n')
}
