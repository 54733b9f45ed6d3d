import {once} from 'node:events'
import {createServer, type IncomingMessage, type ServerResponse} from 'node:http'
import type {AddressInfo} from 'node:net'
import {addUsage} from './add-usage.js'
import {Arrivals} from './arrivals.js'
import type {ModelCall} from './call.js'
import {Connection} from './connection.js'
import {handleRequest} from './handle-request.js'
import {newCall} from './new-call.js'
import {refuseUpgrade} from './refuse-upgrade.js'
import type {Reply, Usage} from './reply.js'
import {Rules} from './rules.js'
import {sendReply} from './send-reply.js'

export type {ModelCall, ToolResult, Turn} from './call.js'
export type {ErrorReply, Reply, ToolCall, Usage} from './reply.js'

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
  const arrivals = new Arrivals(calls)

  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const connection = new Connection(response)
    const question = await handleRequest(request, connection)
    if (!question) return
    const call = newCall(question, request, connection, rules)
    calls.push(call)
    arrivals.announce()
    await sendReply(call, question.dialect, connection)
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
    arrived: (match, count = 1, ms = 20_000) => arrivals.wait(match, count, ms),
    async close() {
      arrivals.close()
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}
