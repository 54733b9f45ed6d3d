import {type McpServer, ResourceTemplate} from '@modelcontextprotocol/server'
import {isFailure} from 'clinvk-kit/errors/failure'
import type {Place} from './place.js'

/** Sessions as resources, which a user attaches to a prompt of their own: `clinvk://session/<id>`. */
export function addResources(server: McpServer, place: Place): void {
  const list = async () => {
    const {clinvk} = await place.open()
    const {sessions} = await clinvk.sessions.list({limit: MOST_LISTED})
    return {
      resources: sessions.map(({backend, id, title, working_dir: directory}) => ({
        uri: `clinvk://session/${id}`,
        name: typeof title === 'string' ? title : id,
        description: `${backend} in ${directory}`,
        mimeType: 'text/plain',
      })),
    }
  }
  const about = {title: 'A session', description: 'What was said in it.', mimeType: 'text/plain'}
  const template = new ResourceTemplate('clinvk://session/{id}', {list})
  server.registerResource('session', template, about, async (uri, {id}) => {
    const text = await transcript(String(id), place)
    return {contents: [{uri: uri.href, mimeType: 'text/plain', text}]}
  })
}

/** Prompts and answers, without what tools were asked and answered. */
async function transcript(session: string, place: Place): Promise<string> {
  const {clinvk} = await place.open()
  try {
    const {messages} = await clinvk.history.log(session, {last: MOST_TURNS})
    const said = messages
      .filter(({type}) => type === 'text')
      .map(({role, text}) => `${String(role)}:\n${String(text)}\n`)
      .join('\n')
    return said.length > MOST_TEXT ? `(The beginning is left out.)\n${said.slice(-MOST_TEXT)}` : said
  } catch (error) {
    if (!isFailure(error)) throw error
    throw new Error([error.message, ...error.hints].join('\n'), {cause: error})
  }
}

const MOST_LISTED = 50
const MOST_TURNS = 100
/** Characters: some 25,000 tokens. */
const MOST_TEXT = 100_000
