import assert from 'node:assert/strict'
import {rmSync} from 'node:fs'
import {type AgentUser, sentBy} from '../../support/agent-user.js'
import {forEachAgent} from '../../support/promises.js'
import {ends, json} from '../../support/sandbox.js'

/** The agent's own program on a conversation, as a user starts it. */
const OWN: Readonly<Record<string, (id: string) => readonly string[]>> = {
  claude: (id) => ['claude', '-p', '--resume', id],
  codex: (id) => ['codex', 'exec', '--skip-git-repo-check', 'resume', id, '-'],
  gemini: (id) => ['gemini', '--resume', id, '--model', 'flash-lite', '--skip-trust'],
  opencode: (id) => ['opencode', 'run', '-s', id],
}

interface Log {
  readonly messages: readonly Record<'role' | 'text' | 'type' | 'name' | 'output' | 'source', string>[]
}

describe('what was said', function () {
  // opencode starts a dozen times, for seconds each.
  this.timeout(240_000)

  forEachAgent(({agent, real, turn}) => {
    const own = async (id: string, prompt: string) => {
      const [file, ...args] = OWN[agent.name]!(id)
      await ends(real.user.run(file!, args, {stdin: prompt}).finished, {code: 0})
    }

    it('is shown, found and counted in order, whoever had the terminal, and outlives the record of the agent @smoke', async () => {
      const {server, user} = real
      server.when(
        'look',
        {tools: [agent.shell('echo seen-by-tool')]},
        {text: 'I looked', usage: {output: 40}},
      )
      const {backend_session_id: id = '', session_id: session = ''} = await turn('the plum is first')
      await turn('-c', 'look at it', ...agent.allowShell)
      await own(id, 'the cherry is third')
      await turn('-c', 'the medlar is fourth')

      const log = json(await user.clinvk(['sessions', 'log', session, '--tools', '--json'])) as unknown as Log
      const said = log.messages.filter(({type}) => type !== 'reasoning')
      assert.deepEqual(
          said.map(({role, type}) => `${role} ${type}`),
          [
            'user text', 'assistant text',
            'user text', 'assistant tool_call', 'tool tool_result', 'assistant text',
            'user text', 'assistant text',
            'user text', 'assistant text',
          ],
        ) // prettier-ignore
      assert.deepEqual(
        said.filter(({role}) => role === 'user').map(({text}) => text.trim()),
        ['the plum is first', 'look at it', 'the cherry is third', 'the medlar is fourth'],
      )
      assert.match(said.find(({type}) => type === 'tool_result')!.output, /seen-by-tool/)

      await ends(user.clinvk(['history', 'sync']), {code: 0})
      for (const word of ['plum', 'cherry', 'medlar']) {
        const {hits} = json(await user.clinvk(['search', word, '--json'])) as {hits: {session_id: string}[]}
        assert.ok(hits.length > 0 && hits.every((hit) => hit.session_id === session), word)
      }

      const {rows} = json(await user.clinvk(['usage', '--by', 'backend', '--json'])) as {
        rows: Record<string, number>[]
      }
      const sent = sentBy(server)
      assert.deepEqual(
        {input: rows[0]?.input_tokens, output: rows[0]?.output_tokens, cached: rows[0]?.cached_tokens},
        {input: sent.input_tokens, output: sent.output_tokens, cached: sent.cached_tokens},
      )

      await lose(user, id)
      const last = await turn('-c', 'and the fifth?')
      for (const word of ['plum', 'look', 'cherry', 'medlar', 'fifth'])
        assert.match(last.content, RegExp(word))
    })

    it('to the agent alone is found, read, adopted and resumed', async () => {
      const {user} = real
      const {backend_session_id: id = '', session_id: session = ''} = await turn('the quince stands alone')
      await user.clinvk(['sessions', 'delete', session])
      await ends(user.clinvk(['history', 'sync']), {code: 0})
      const {hits} = json(await user.clinvk(['search', 'quince', '--json'])) as {
        hits: Record<string, string>[]
      }
      assert.equal(hits[0]?.backend_session_id, id)
      assert.equal(hits[0].session_id, undefined)
      await ends(user.clinvk(['sessions', 'log', id]), {code: 0, stdout: /the quince stands alone/})
      const again = await turn('resume', id, 'and now?')
      assert.equal(again.backend_session_id, id)
      assert.match(again.content, /quince/)
      assert.equal(user.session().id, again.session_id)
    })
  })

  /** As the agent's own clean-up, or its user, would do. */
  async function lose(user: AgentUser, id: string): Promise<void> {
    const paths = user.conversations().filter((path) => !path.includes('opencode.db'))
    if (paths.length === 0) await user.run('opencode', ['session', 'delete', id]).finished
    for (const path of paths) rmSync(path)
    assert.deepEqual(user.conversationIds(), [])
  }
})
