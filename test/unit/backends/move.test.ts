import assert from 'node:assert/strict'
import {createHash} from 'node:crypto'
import {join} from 'node:path'
import {agentFiles} from 'clinvk-kit/turn/agent-files'
import {backendOf} from '../../support/backend-of.js'
import {filesIn} from '../../support/files-in.js'
import {Sandbox} from '../../support/sandbox.js'

const ID = '7a3f0d1e-5b64-4c1e-9d35-1e4f70b2d968'
const OTHER = ID.replace('7', '8')
const LONG = `/home/ada/${'long/'.repeat(60).slice(0, -1)}`
const GEMINI = (said: string[]) =>
  [{sessionId: ID}, ...said.map((content, index) => ({id: String(index), type: 'user', content}))]
    .map((line) => JSON.stringify(line))
    .join('\n')
const CHAT = `chats/session-2026-01-01T00-00-${ID.slice(0, 8)}.jsonl`

/** That the real agents resume what was moved is shown in test/agents. */
describe('the record of a conversation that moves to another directory', () => {
  const user = new Sandbox().forEachTest()
  const cases: [title: string, backend: string, to: string, before: Record<string, string>, made: Record<string, string>][] = [
    ['claude: with its sub-agents, and no other', 'claude', '/b/Ö c_2',
      {[`projects/-a/${ID}.jsonl`]: 'x', [`projects/-a/${ID}/subagents/agent-1.jsonl`]: 's', [`projects/-a/${OTHER}.jsonl`]: 'y'},
      {[`projects/-b---c-2/${ID}.jsonl`]: 'x', [`projects/-b---c-2/${ID}/subagents/agent-1.jsonl`]: 's'}],
    ['claude: back again, the longest counts', 'claude', '/a',
      {[`projects/-a/${ID}.jsonl`]: 'x', [`projects/-b/${ID}.jsonl`]: 'xx'}, {[`projects/-a/${ID}.jsonl`]: 'xx'}],
    ['claude: where it is already', 'claude', '/a', {[`projects/-a/${ID}.jsonl`]: 'x'}, {}],
    ['claude: to a long path', 'claude', LONG, {[`projects/-a/${ID}.jsonl`]: 'x'},
      {[`projects/-home-ada-${'long-'.repeat(38)}-22m7vh/${ID}.jsonl`]: 'x'}],
    ['gemini: to a directory that it does not know', 'gemini', '/b',
      {'a/.project_root': '/a', [`a/${CHAT}`]: GEMINI(['one']), [`a/${ID}/plan.md`]: 'p', 'a/logs.json': ID},
      {[`b/${CHAT}`]: GEMINI(['one']), [`b/${ID}/plan.md`]: 'p'}],
    ['gemini: to the folder that an older version has left for it', 'gemini', '/b',
      {[`a/${CHAT}`]: GEMINI(['one']), [`${sha256('/b')}/logs.json`]: ''}, {[`${sha256('/b')}/${CHAT}`]: GEMINI(['one'])}],
    ['gemini: back again, the one with the most messages counts', 'gemini', '/a',
      {'a/.project_root': '/a\n', [`a/${CHAT}`]: GEMINI(['one']), 'b/.project_root': '/b', [`b/${CHAT}`]: GEMINI(['one', 'two'])},
      {[`a/${CHAT}`]: GEMINI(['one', 'two'])}],
  ] // prettier-ignore
  for (const [title, name, to, before, made] of cases) {
    it(`is copied for ${title}`, async () => {
      const root = user.directory(name === 'claude' ? '.claude' : '.gemini/tmp')
      for (const [path, text] of Object.entries(before))
        user.write(join(root.slice(user.home.length), path), text)
      const {backend, directories = []} = await backendOf(name)
      const files = agentFiles(directories, user.env)
      const isMoved = await backend.move!({id: ID, cwd: '/a'}, to, files, () => Promise.resolve(undefined))
      assert.equal(isMoved, true)
      const after = await Promise.all(
        filesIn(root).map(async (path) => [path, await files.read(join(root, path))]),
      )
      assert.deepEqual(Object.fromEntries(after), {...before, ...made})
    })
  }
})

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
