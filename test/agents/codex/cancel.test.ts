import assert from 'node:assert/strict'
import {existsSync, readdirSync} from 'node:fs'
import {join} from 'node:path'
import {result, withCodex} from '../../support/codex-sandbox.js'
import {waitFor} from '../../support/wait-for.js'

describe('a turn of codex that is ended from outside', () => {
  const codex = withCodex()
  /** Asked to wait, codex runs a tool that waits for ever; resolves when it does. */
  const startTool = async (...words: string[]) => {
    const {server, user} = codex
    const cmd = 'echo $$; tail -f /dev/null'
    server.when('wait', {
      text: 'I wait.',
      tools: [{name: 'exec_command', input: {cmd, yield_time_ms: 30_000}}],
    })
    const running = user.start(['wait', '-o', 'stream-json', ...words])
    await running.shows('"type":"tool_call"')
    await waitFor('the tool', () => user.processes().length > 2)
    return running
  }
  const assertResumable = async (prompts: string) => {
    const {content} = result(await codex.user.clinvk(['-c', 'go on', '-o', 'json']))
    assert.equal(content, `You said: go on | turns=2 | seen: ${prompts} [go on]`)
    assert.equal(codex.user.session().status, 'active')
  }
  /** Directories that codex keeps a command from making, where it may write. */
  const guarded = () => {
    const {env, project} = codex.user
    const places = [project, env.TMPDIR!, '/tmp'].flatMap((place) => GUARDED.map((name) => join(place, name)))
    return places.filter((place) => existsSync(place))
  }

  for (const mode of ['default', 'read-only', 'workspace']) {
    it(`by SIGINT while a tool runs with --sandbox-mode ${mode} leaves nothing`, async () => {
      const {user} = codex
      const before = guarded()
      const running = await startTool('--sandbox-mode', mode)
      running.child.kill('SIGINT')
      assert.equal((await running.finished).code, 130)
      assert.deepEqual(user.processes(), [])
      // Other tests of codex may run at the same time, and have theirs in /tmp until they end.
      await waitFor('the guarded directories are gone', () =>
        guarded().every((path) => before.includes(path)),
      )
      assert.deepEqual(readdirSync(user.project), [])
      assert.equal(user.session().status, 'paused')
      await assertResumable('[wait]')
    })
  }
})

const GUARDED = ['.git', '.codex', '.agents', '.aws']
