/** What a client says in a conversation: a prompt, blocks of one message, or what happened in between. */
export type Said = string | {blocks: string[]} | {assistant: string} | {toolResult: string}

/** Asks a model server as an agent would, in the words of Anthropic's Messages API. */
export function ask(
  url: string,
  said: Said[],
  options: {stream?: boolean; signal?: AbortSignal} = {},
): Promise<Response> {
  const {stream = false, signal = null} = options
  const body = JSON.stringify({model: 'a-model', stream, messages: said.map(message)})
  return fetch(`${url}/v1/messages`, {
    method: 'POST',
    headers: {'content-type': 'application/json'},
    body,
    signal,
  })
}

/** The text of an answer that was not streamed. */
export async function readText(response: Response): Promise<string | undefined> {
  const {content} = (await response.json()) as {content: {text?: string}[]}
  return content[0]?.text
}

/** Reads a stream to its end, however bad that is. */
export async function readStream({body}: Response): Promise<StreamRead> {
  const read: StreamRead = {events: [], pieces: [], isDestroyed: false}
  let raw = ''
  try {
    for await (const text of body!.pipeThrough(new TextDecoderStream())) raw += text
  } catch {
    read.isDestroyed = true
  }
  for (const [, data] of raw.matchAll(/^data: (.*)\n\n/gm)) {
    read.events.push(JSON.parse(data!) as StreamEvent)
  }
  read.pieces = read.events.flatMap(({delta}) => delta?.text ?? [])
  return read
}

export interface StreamRead {
  events: StreamEvent[]
  /** The pieces of text. */
  pieces: string[]
  /** The connection broke before the end. */
  isDestroyed: boolean
}

interface StreamEvent {
  type: string
  delta?: {text?: string; stop_reason?: string}
  error?: {type: string}
  message?: {usage: unknown}
  usage?: unknown
}

function message(said: Said) {
  if (typeof said === 'string') return {role: 'user', content: said}
  if ('blocks' in said) return {role: 'user', content: said.blocks.map((text) => ({type: 'text', text}))}
  if ('assistant' in said) return {role: 'assistant', content: [{type: 'text', text: said.assistant}]}
  return {role: 'user', content: [{type: 'tool_result', tool_use_id: 'toolu_1', content: said.toolResult}]}
}
