import {linkBackendPlugin} from './link-plugin.js'
import type {Sandbox} from './sandbox.js'

/**
 * Links a backend `keeper`, or of another name, whose agent keeps records as others do: `~/.keeper/<id>.jsonl`, a line for the directory (and
 * the `parent` that it needs), one for each prompt and answer. It answers with all prompts that it knows; `look ...`
 * uses a tool first. A conversation whose file is gone it does not know. Every record would be deleted 30 days
 * after its last change. It forks, and takes conversations of others. `stop` makes it end otherwise.
 */
export function linkKeeperAgent(user: Sandbox, name = 'keeper', descriptor: object = {}): void {
  linkBackendPlugin(user, name, MODULE, {
    agent: AGENT.replaceAll('.keeper', `.${name}`),
    descriptor: {
      title: 'Keeper',
      directories: [`~/.${name}`],
      capabilities: {resume: true, fork: true},
      ...descriptor,
    },
  })
}

/** How its next turns end, each once: after what it has said, with this outcome; `resetsInMs` from then on. */
export function stop(user: Sandbox, name: string, ...stops: readonly Stop[]): void {
  user.write(`.stops.${name}.json`, JSON.stringify(stops))
}

export interface Stop {
  readonly outcome: 'rate_limit' | 'auth' | 'failed'
  readonly text?: string
  readonly resetsInMs?: number
  /** It records nothing of the turn. */
  readonly isForgotten?: boolean
}

const AGENT = `
import {appendFileSync, copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {homedir} from 'node:os'
import {text} from 'node:stream/consumers'
const [kind, asked, copy] = process.argv.slice(2)
const fileOf = (id) => homedir() + '/.keeper/' + id + '.jsonl'
const id = copy ?? asked
const file = fileOf(id)
const prompt = await text(process.stdin)
mkdirSync(homedir() + '/.keeper', {recursive: true})
const print = (event) => console.log(JSON.stringify(event))
const keep = (line) => appendFileSync(file, JSON.stringify({at: new Date().toISOString(), ...line}) + '\\n')
if (['resume', 'fork'].includes(kind) && !existsSync(fileOf(asked))) {
  console.error('no such conversation')
  process.exit(4)
}
if (kind === 'fork') copyFileSync(fileOf(asked), file)
print({type: 'session', backend_session_id: id})
if (kind === 'new') keep({cwd: process.cwd()})
keep({type: 'text', role: 'user', text: prompt})
if (prompt.startsWith('look ')) {
  const call = {callId: 'call-' + prompt.length, name: 'look', input: {path: prompt.slice(5)}}
  print({type: 'tool_call', id: call.callId, name: call.name, input: call.input, target: prompt.slice(5)})
  keep({type: 'tool_call', role: 'assistant', ...call})
  print({type: 'tool_result', id: call.callId, output: 'seen', is_error: false})
  keep({type: 'tool_result', role: 'tool', callId: call.callId, output: 'seen', isError: false})
}
const stops = homedir() + '/.stops.keeper.json'
const [stop, ...later] = existsSync(stops) ? JSON.parse(readFileSync(stops, 'utf8')) : []
if (stop) {
  writeFileSync(stops, JSON.stringify(later))
  const {isForgotten, outcome, resetsInMs, text} = stop
  if (text) print({type: 'text', text})
  if (text) keep({type: 'text', role: 'assistant', text})
  if (isForgotten) rmSync(file)
  const resetsAt = resetsInMs === undefined ? undefined : new Date(Date.now() + resetsInMs).toISOString()
  console.error(JSON.stringify({outcome, message: 'no more', resetsAt}))
  process.exit(9)
}
const lines = readFileSync(file, 'utf8').trim().split('\\n').map((line) => JSON.parse(line))
const known = lines.filter((line) => line.role === 'user').map((line) => line.text)
const answer = 'I know: ' + known.join(', ')
print({type: 'text', text: answer})
keep({type: 'text', role: 'assistant', text: answer, model: 'keeper-1'})
keep({type: 'call', model: 'keeper-1', inputTokens: 100, outputTokens: 10})
`

const MODULE = `
export default {
  plan: ({prompt, session: {copy, id, kind}}) => ({
    kind: 'invocation',
    args: copy ? [kind, id, copy] : [kind, id],
    stdin: prompt,
  }),
  reader: () => ({
    line: (line) => [JSON.parse(line)],
    end: ({code, stderr}) =>
      code === 0
        ? {outcome: 'success', model: 'keeper-1', usage: {input_tokens: 100, output_tokens: 10}}
        : code === 9
          ? JSON.parse(stderr)
          : {outcome: stderr.includes('no such') ? 'session' : 'failed', message: stderr.trim() || 'it failed'},
  }),
  isResumable: async ({id}, files) => (await files.list(id + '.jsonl')).length > 0,
  neededBy: async ({id}, files) => {
    const needing = []
    for (const path of await files.list())
      if ((await files.read(path)).includes('"parent":"' + id + '"')) needing.push(path.split('/').at(-1).replace('.jsonl', ''))
    return needing
  },
  forget: async ({id}, files) => {
    const removed = await files.list(id + '.jsonl')
    for (const path of removed) await files.remove(path)
    return {removed}
  },
  history: {
    async conversations(files, ask, only) {
      const paths = await (only ? files.list(only.id + '.jsonl') : files.list())
      return paths.map((path) => ({id: path.split('/').at(-1).replace('.jsonl', ''), paths: [path]}))
    },
    async *transcript({id, paths}, files) {
      let count = 0
      for await (const line of files.lines(paths[0])) {
        try {
          const {cwd, parent, title, ...entry} = JSON.parse(line)
          const about = {cwd, title, parents: parent && [parent], updatedAt: entry.at}
          if (cwd) yield {type: 'about', about: JSON.parse(JSON.stringify(about))}
          else yield {id: id + '/' + count, ...entry}
          count++
        } catch {
          // A torn line.
        }
      }
    },
    async write({cwd, id, messages, title}, files) {
      const about = {cwd, title, at: messages[0].at}
      const lines = [about, ...messages.map((message) => ({type: 'text', ...message}))]
      return {id, path: files.directories[0] + '/' + id + '.jsonl', lines: lines.map((line) => JSON.stringify(line))}
    },
    async deletedAt({paths}, files) {
      return new Date((await files.stat(paths[0])).changedAt + 30 * 86400000).toISOString()
    },
  },
}
`
