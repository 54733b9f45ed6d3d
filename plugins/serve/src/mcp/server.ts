import {type CallToolResult, McpServer, ResourceTemplate} from '@modelcontextprotocol/server'
import {type Failure, isFailure} from 'clinvk-kit/errors/failure'
import {search, sessions} from './find-sessions.js'
import type {ToolContext} from './tool-context.js'
import {read} from './read.js'
import type {Tool, ToolCall} from './tool.js'
import {ask, compare} from './turns.js'
import {stop, wait} from './wait.js'

/** A server of one connection, or of one request over HTTP. */
export function mcpServer(context: ToolContext, version: string): McpServer {
  const server = new McpServer(
    {name: 'clinvk', title: 'clinvk', version},
    {
      instructions:
        'Other coding agents on this machine: ask them, compare them, and search and read what was said to any of them.',
    },
  )
  for (const tool of [ask, wait, stop, compare, search, sessions, read]) {
    const {description, input: inputSchema, isReadOnly, name} = tool
    const annotations = isReadOnly ? {readOnlyHint: true} : undefined
    server.registerTool(name, {description, inputSchema, annotations}, (input, {mcpReq}) =>
      result(tool, input, context, mcpReq),
    )
  }
  addSessions(server, context)
  return server
}

/** Throws what is a bug of clinvk. */
async function result(
  tool: Tool,
  input: object,
  context: ToolContext,
  call: ToolCall,
): Promise<CallToolResult> {
  try {
    const {data, isError = false} = await tool.run(input as Record<string, unknown>, context, call)
    return {content: [{type: 'text', text: JSON.stringify(data)}], ...(isError && {isError})}
  } catch (error) {
    if (!isFailure(error)) throw error
    return {content: [{type: 'text', text: sentenceOf(error)}], isError: true}
  }
}

/** Sessions as resources, which a user attaches to a prompt of their own: `clinvk://session/<id>`. */
function addSessions(server: McpServer, context: ToolContext): void {
  const list = async () => {
    const {clinvk} = await context.open()
    const {sessions} = await clinvk.sessions.list({limit: MOST_LISTED})
    return {
      resources: sessions.map(({backend, id, name, title, working_dir: directory}) => {
        const [label = id] = [name, title].filter((text) => typeof text === 'string')
        const description = `${backend} in ${directory}`
        return {uri: `clinvk://session/${id}`, name: label, title: label, description, mimeType: 'text/plain'}
      }),
    }
  }
  const about = {title: 'A session', description: 'What was said in it.', mimeType: 'text/plain'}
  const template = new ResourceTemplate('clinvk://session/{id}', {list})
  server.registerResource('session', template, about, async (uri, {id}) => {
    const text = await transcript(String(id), context)
    return {contents: [{uri: uri.href, mimeType: 'text/plain', text}]}
  })
}

/** Prompts and answers, without what tools were asked and answered. */
async function transcript(session: string, context: ToolContext): Promise<string> {
  const {clinvk} = await context.open()
  try {
    const {messages} = await clinvk.history.log(session, {last: MOST_TURNS})
    const said = messages
      .filter(({type}) => type === 'text')
      .map(({role, text}) => `${String(role)}:\n${String(text)}\n`)
      .join('\n')
    return said.length > MOST_TEXT ? `(The beginning is left out.)\n${said.slice(-MOST_TEXT)}` : said
  } catch (error) {
    if (!isFailure(error)) throw error
    throw new Error(sentenceOf(error), {cause: error})
  }
}

function sentenceOf({hints, message}: Failure): string {
  return [message, ...hints].join('\n')
}

const MOST_LISTED = 50
const MOST_TURNS = 100
/** Characters: some 25,000 tokens. */
const MOST_TEXT = 100_000
