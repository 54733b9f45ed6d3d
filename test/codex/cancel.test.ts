import assert from 'node:assert/strict'
import {existsSync, readdirSync} from 'node:fs'
import {join} from 'node:path'
import {result, withCodex} from '../support/codex-sandbox.js'
import {waitFor} from '../support/wait-for.js'

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

  it('by SIGINT while it answers can go on', async () => {
    const {server, user} = codex
    server.when('tell', {text: 'Once upon a time there was', hang: 'stream'})
    const running = user.start(['tell me'])
    const call = await server.arrived('tell')
    await waitFor('the answer begins', () => call.status === 200)
    running.child.kill('SIGINT')
    const {code, stderr} = await running.finished
    assert.equal(code, 130)
    const {id, last_outcome: outcome, running: left, status} = user.session()
    assert.equal(
      stderr,
      `Cancelled.\n  The session is kept. Go on with it: clinvk resume ${id.slice(0, 8)} "continue"\n`,
    )
    assert.deepEqual([status, outcome, left], ['paused', 'cancelled', undefined])
    assert.deepEqual(user.processes(), [])
    await assertResumable('[tell me]')
  })

  for (const mode of ['default', 'read-only', 'workspace', 'full']) {
    it(`by SIGINT while a tool runs with --sandbox-mode ${mode} leaves nothing`, async () => {
      const {user} = codex
      const before = guarded()
      const running = await startTool('--sandbox-mode', mode)
      running.child.kill('SIGINT')
      assert.equal((await running.finished).code, 130)
      assert.deepEqual(user.processes(), [])
      assert.deepEqual(guarded(), before)
      assert.deepEqual(readdirSync(user.project), [])
      assert.equal(user.session().status, 'paused')
      await assertResumable('[wait]')
    })
  }

  it('by SIGINT before the first word is kept, too', async () => {
    const {server, user} = codex
    server.when('silent', {hang: 'headers'})
    const running = user.start(['silent'])
    await server.arrived('silent')
    running.child.kill('SIGINT')
    const {code, stdout} = await running.finished
    assert.deepEqual([code, stdout], [130, ''])
    assert.equal(user.session().status, 'paused')
    assert.deepEqual(user.processes(), [])
    await assertResumable('[silent]')
  })

  it('by SIGTERM while a tool runs ends the tool, too', async () => {
    const {user} = codex
    const running = await startTool('--sandbox-mode', 'full')
    running.child.kill('SIGTERM')
    assert.equal((await running.finished).code, 143)
    assert.deepEqual(user.processes(), [])
    assert.equal(user.session().status, 'paused')
  })
})

const GUARDED = ['.git', '.codex', '.agents', '.aws']
