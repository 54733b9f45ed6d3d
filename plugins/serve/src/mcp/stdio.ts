import {once} from 'node:events'
import type {Readable, Writable} from 'node:stream'
import type {ToolContext} from './tool-context.js'

export interface StdioOptions {
  readonly input: Readable
  readonly output: Writable
  /** For what a client does wrong that is no call, and cannot be answered. */
  readonly note: (message: string) => void
  readonly version: string
  readonly stop: AbortSignal
  /** Absent: the SDK answers everything. */
  readonly opening?: OpeningAnswers
}

/** What the server says of itself, as build/plugins.js has asked it. */
export interface OpeningAnswers {
  /** The revisions that begin with `initialize`. */
  readonly versions: readonly unknown[]
  readonly initialize: {readonly serverInfo: object}
  readonly tools: object
}

/**
 * Serves one client until it closes its end, or `stop` aborts; then its jobs are stopped, and their sessions written.
 * `context` is asked for at the first message that needs more than is known before.
 */
export async function serveStreams(
  options: StdioOptions,
  context: () => ToolContext | Promise<ToolContext>,
): Promise<void> {
  const {input, output, stop} = options
  const over = () => undefined
  const ended = Promise.race([
    ...['end', 'close'].map((event) => once(input, event)),
    once(output, 'error'),
    stop.aborted || once(stop, 'abort'),
  ]).then(over, over)
  const answered = await Promise.race([ended, answerOpening(options)])
  if (answered === undefined) return
  const [{serveCalls}, here] = await Promise.all([import('./calls.js'), context()])
  const server = serveCalls(options, answered, here)
  await ended
  await here.jobs.end()
  await server.close()
}

/**
 * Answers what a client asks before it calls anything, as the SDK would, which takes longer to load than all else: each
 * session of an agent starts a server, and many call nothing. Resolves at the first message that is another one, to the
 * ids of those that are answered. All that has come is put back into `input`: the SDK has to know what was said.
 */
function answerOpening({input, opening, output, version}: StdioOptions): Promise<Set<unknown>> {
  const answered = new Set<unknown>()
  const chunks: Buffer[] = []
  let rest = ''
  return new Promise((resolve) => {
    if (!opening) return resolve(answered)
    const answer = (chunk: Buffer) => {
      chunks.push(chunk)
      const lines = (rest + chunk.toString('latin1')).split('\n')
      rest = lines.pop()!
      for (const message of lines.map(messageIn)) {
        if (message.method === 'notifications/initialized') continue
        const result = resultOf(message, opening, version)
        if (result === undefined) {
          input.off('data', answer).pause()
          input.unshift(Buffer.concat(chunks))
          return resolve(answered)
        }
        answered.add(message.id)
        output.write(`${JSON.stringify({jsonrpc: '2.0', id: message.id, result})}\n`)
      }
    }
    input.on('data', answer)
  })
}

interface Message {
  readonly id?: unknown
  readonly method?: unknown
  readonly params?: null | Readonly<Record<string, unknown>>
}

/** Without anything in it where it is none. */
function messageIn(line: string): Message {
  try {
    const {id, method, params} = JSON.parse(line) as Message
    return {id, method, params}
  } catch {
    return {}
  }
}

/** Undefined where the SDK has to answer. Messages of later revisions have `_meta`. */
function resultOf(
  {id, method, params}: Message,
  {initialize, tools, versions}: OpeningAnswers,
  version: string,
): object | undefined {
  const {_meta, cursor, protocolVersion} = params ?? {}
  if (typeof id !== 'number' || _meta !== undefined) return undefined
  if (method === 'tools/list' && cursor === undefined) return tools
  if (method !== 'initialize' || !versions.includes(protocolVersion)) return undefined
  return {...initialize, protocolVersion, serverInfo: {...initialize.serverInfo, version}}
}
