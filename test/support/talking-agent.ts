import {linkBackendPlugin} from './link-plugin.js'
import type {Sandbox} from './sandbox.js'

/**
 * Links a backend `talker`: its agent prints the events in `project/says.jsonl`, and its record of each conversation is
 * `.talker/<id>.jsonl`, lines of which are entries of a transcript.
 */
export function linkTalkingAgent(user: Sandbox): void {
  linkBackendPlugin(user, 'talker', CODE, {
    agent: `import {readFileSync} from 'node:fs'; process.stdout.write(readFileSync('says.jsonl'))`,
    descriptor: {directories: ['~/.talker'], capabilities: {resume: true, ephemeral: true}},
  })
}

/** What the agent says in the next turn. */
export function willSay(user: Sandbox, ...events: readonly object[]): void {
  const session = {type: 'session', backend_session_id: CONVERSATION}
  const lines = [session, ...events].map((event) => JSON.stringify(event))
  user.write('project/says.jsonl', `${lines.join('\n')}\n`)
}

/** What the agent has recorded. */
export function hasRecorded(user: Sandbox, ...entries: readonly object[]): void {
  user.write(`.talker/${CONVERSATION}.jsonl`, entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''))
}

export const CONVERSATION = '0f0e8ab4-7b0c-4c59-93c6-0d0c35d6f2a1'

const CODE = `
const idOf = (path) => path.split('/').at(-1).replace('.jsonl', '')
export default {
  plan: ({prompt}) => ({kind: 'invocation', args: [], stdin: prompt}),
  reader: () => ({
    line: (line) => [JSON.parse(line)],
    end: ({code}) => code === 0 ? {outcome: 'success'} : {outcome: 'failed', message: 'it failed'},
  }),
  history: {
    async conversations(files, ask, only) {
      const all = (await files.list()).map((path) => ({id: idOf(path), paths: [path]}))
      return all.filter(({id}) => !only || id === only.id)
    },
    async *transcript({paths}, files) {
      for await (const line of files.lines(paths[0])) yield JSON.parse(line)
    },
  },
}`
