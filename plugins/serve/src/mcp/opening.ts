import type {Readable, Writable} from 'node:stream'

/** What the server says of itself, as build/plugins.js has asked it. */
export interface OpeningAnswers {
  /** The revisions that begin with `initialize`. */
  readonly versions: readonly unknown[]
  readonly initialize: {readonly serverInfo: object}
  readonly tools: object
}

/**
 * Answers what a client asks before it calls anything, as the SDK would, which takes longer to load than all else: each
 * session of an agent starts a server, and many call nothing. Resolves at the first message that is another one, to the
 * ids of those that are answered. All that has come is put back into `input`: the SDK has to know what was said.
 */
export function answerOpening(
  input: Readable,
  output: Writable,
  answers: OpeningAnswers,
  version: string,
): Promise<Set<unknown>> {
  const answered = new Set<unknown>()
  const chunks: Buffer[] = []
  let rest = ''
  return new Promise((resolve) => {
    const answer = (chunk: Buffer) => {
      chunks.push(chunk)
      const lines = (rest + chunk.toString('latin1')).split('\n')
      rest = lines.pop()!
      for (const line of lines) {
        const message = messageIn(line)
        if (message.method === 'notifications/initialized') continue
        const result = resultOf(message, answers, version)
        if (result === undefined) {
          input.off('data', answer).pause()
          input.unshift(Buffer.concat(chunks))
          resolve(answered)
          return
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
