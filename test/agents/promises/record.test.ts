import assert from 'node:assert/strict'
import {readFileSync, writeFileSync} from 'node:fs'
import {join, relative} from 'node:path'
import type {RecordedTurn} from 'clinvk-contract'
import {askAgent} from 'clinvk-kit/backends/ask-agent'
import {agentFiles} from 'clinvk-kit/turn/agent-files'
import type {SessionFile} from 'clinvk-plugin-sessions/store/session-file'
import {type AgentUser, sentBy} from '../../support/agent-user.js'
import {smokeOf} from '../../support/agents.js'
import {backendOf} from '../../support/backend-of.js'
import {historyOf} from '../../support/history-of.js'
import {recordOf} from '../../support/record-of.js'
import {forEachAgent} from '../../support/promises.js'
import {ends} from '../../support/sandbox.js'

// As `npm run promises` understands it.
const ONLY_ITSELF = ' (refused: only the agent can delete it, and clinvk says by which command)'

describe("the agent's own record", () => {
  forEachAgent(({agent, real, turn}) => {
    it(`of a conversation is deleted with \`sessions delete ID --agent\`, and no other${smokeOf(agent, 'codex')}`, async () => {
      const {server, user} = real
      server.when('look', {tools: [agent.shell('echo secret-of-A')]}, {text: 'seen'})
      await turn('the first of A')
      await turn('-c', 'look', ...agent.allowShell)
      const {backend_session_id: gone = '', id} = user.session()
      const {backend_session_id: other} = await turn('the first of B')
      // Codex leaves one where it is ended while it writes it.
      if (agent.name === 'codex') user.write(`.codex/shell_snapshots/${gone}.tmp-1`, 'of A')
      await ends(user.clinvk(['sessions', 'delete', id, '--agent']), {
        code: 0,
        stdout: `Session ${id} deleted. The record that ${agent.name} kept of it is deleted, too.\n`,
        stderr: '',
      })
      assert.deepEqual(user.conversationIds(), [other])
      assert.deepEqual(tracesOf(user, gone, 'the first of A', 'secret-of-A'), [])
      if (agent.name === 'codex') assert.equal(await hasInDatabase(user, gone), false)
      assert.match((await turn('-c', 'B again')).content, /seen: \[the first of B] \[B again]$/)
    })

    it(`is deleted where the agent is not installed, too${agent.deletesAlone ? ONLY_ITSELF : ''}`, async () => {
      const {user} = real
      await turn('one')
      const {backend_session_id: theirs, id} = user.session()
      const {code, stderr, stdout} = await user.clinvk(['sessions', 'delete', id, '--agent', '--json'], {
        env: {PATH: '/usr/bin:/bin'},
      })
      assert.equal(code, 0)
      assert.match(
        stderr,
        agent.laterBy === undefined ? /^$/ : new RegExp(`^Note: .* Later: ${agent.laterBy} \\S+\n$`),
      )
      const [records, left] = agent.deletesAlone ? [[], [theirs]] : [[id], []]
      assert.deepEqual(JSON.parse(stdout), {deleted: [id], agent_records_deleted: records})
      assert.deepEqual(user.conversationIds(), left)
    })

    it('may be gone already when it is to be deleted', async () => {
      const {user} = real
      await turn('one')
      const {id} = user.session()
      const file = join(user.home, '.clinvk/sessions', `${id}.json`)
      const text = readFileSync(file)
      await user.clinvk(['sessions', 'delete', id, '--agent'])
      writeFileSync(file, text)
      const {code, stdout} = await user.clinvk(['sessions', 'delete', id, '--agent'])
      assert.equal(code, 0)
      assert.equal(stdout, `Session ${id} deleted. ${agent.name} kept no record of it.\n`)
    })

    it('says of turns and tokens what clinvk has counted', async () => {
      const {server, user} = real
      server.when('look', {tools: [agent.shell('echo x')]}, {text: 'seen', usage: {output: 40, reasoning: 7}})
      await turn('one')
      const between = new Date().toISOString()
      await turn('-c', 'look', ...agent.allowShell)
      await turn('-c', 'three')
      const {backend_state: state, model, token_usage: counted, turn_count: turns} = user.session()
      const found = await recordOf(agent.name, user, user.session())
      if (state) assert.deepEqual(found?.state, state)
      assert.equal(found?.turns.length, turns)
      assert.deepEqual(sum(found?.turns ?? []), counted)
      assert.equal(found?.turns.at(-1)?.model, model)
      assert.deepEqual(
        found?.turns.map(({endedAt, startedAt}) => [startedAt > between, endedAt >= startedAt]),
        [[false, true], [true, true], [true, true]], // prettier-ignore
      )
    })

    it(`is told message by message, with all that the model has sent${smokeOf(agent, 'codex')}`, async () => {
      const {server, user} = real
      server.when('look', {text: 'I look.', tools: [agent.shell('echo x')]}, {text: 'seen'})
      await turn('one')
      await turn('-c', 'look', ...agent.allowShell)
      const {backend_session_id: id = '', working_dir: cwd} = user.session()
      const descriptor = await backendOf(agent.name)
      const ask = askAgent({descriptor, root: ''}, {cwd, env: user.env})
      const history = await historyOf(agent.name, user.home, ask)
      const [found] = await history.conversations({id, cwd})
      const lines = (await history.lines(found!)).filter((line) => !line.startsWith('cost'))
      assert.deepEqual(
          lines.map((line) => line.replace(/^calls \S+/, 'calls').replace(/^result: [^]*\bx\b[^]*$/, 'result: x')),
          ['user: one', 'assistant: You said: one | turns=1 | seen: [one]', 'user: look', 'assistant: I look.', 'calls echo x', 'result: x', 'assistant: seen'],
        ) // prettier-ignore
      const calls = (await history.transcript(found!)).flatMap((entry) =>
        entry.type === 'call' ? [entry] : [],
      )
      const total = (field: 'inputTokens' | 'outputTokens' | 'cachedTokens') =>
        calls.reduce((all, call) => all + (call[field] ?? 0), 0)
      const {cached_tokens: cached, input_tokens: input, output_tokens: output} = sentBy(server)
      assert.deepEqual(
        [total('inputTokens'), total('cachedTokens'), total('outputTokens')],
        [input, cached, output],
      )
    })

    it('of another conversation is not touched by an id that is none', async () => {
      const {user} = real
      await turn('one')
      const ids = user.conversationIds()
      for (const id of ['', '.', '..', 'projects', 'sessions', 'chats', 'log', ids[0]!.slice(0, 8)]) {
        const session = {...user.session(), backend_session_id: id}
        assert.equal(await recordOf(agent.name, user, session), undefined)
        await forget(agent.name, user, session)
      }

      assert.deepEqual(user.conversationIds(), ids)
    })
  })
})

/** Deletes it as the backend does, without the agent. */
async function forget(
  name: string,
  {env}: AgentUser,
  {backend_session_id: id, working_dir: cwd}: SessionFile,
): Promise<void> {
  const {backend, directories} = await backendOf(name)
  await backend.forget?.({id: id!, cwd}, agentFiles(directories ?? [], env))
}

/** Files of the home whose path or text has one of these. */
function tracesOf(user: AgentUser, ...traces: string[]): string[] {
  return user.files().filter((path) => {
    const name = relative(user.home, path)
    // Pages that a database has given free keep their bytes until they are used again.
    const text = /\.sqlite|\.db/.test(name) ? '' : readFileSync(path, 'utf8')
    return traces.some((trace) => name.includes(trace) || text.includes(trace))
  })
}

/** Codex deletes what its databases know. */
async function hasInDatabase(user: AgentUser, id: string): Promise<boolean> {
  const {code} = await user.run('codex', ['delete', '--force', id]).finished
  return code === 0
}

function sum(turns: readonly RecordedTurn[]): SessionFile['token_usage'] {
  const total: Record<string, number> = {}
  for (const {usage} of turns) {
    for (const [field, value] of Object.entries(usage ?? {})) {
      if (field !== 'total_tokens') total[field] = (total[field] ?? 0) + (value as number)
    }
  }

  return total
}
