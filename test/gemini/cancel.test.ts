import assert from 'node:assert/strict'
import {existsSync} from 'node:fs'
import {join} from 'node:path'
import {result, withGemini} from '../support/gemini-sandbox.js'
import {waitFor} from '../support/wait-for.js'

describe('a turn of gemini that is ended from outside', () => {
  const gemini = withGemini()
  const FAST = ['-m', 'fast']
  /** Asked to wait, gemini runs a tool that waits for ever; resolves when it does. */
  const startTool = async (...words: string[]) => {
    const {server, user} = gemini
    const command = 'touch started; tail -f /dev/null'
    server.when('wait', {text: 'I wait.', tools: [{name: 'run_shell_command', input: {command}}]})
    const running = user.start(['wait', '--sandbox-mode', 'full', ...FAST, ...words])
    await waitFor('the tool', () => existsSync(join(user.project, 'started')))
    return running
  }
  const assertResumable = async (prompts: string) => {
    const {content} = result(await gemini.user.clinvk(['-c', 'go on', '-o', 'json', ...FAST]))
    assert.equal(content, `You said: go on | turns=2 | seen: ${prompts} [go on]`)
    assert.equal(gemini.user.session().status, 'active')
  }

  it('by SIGINT while it answers keeps what was said, and can go on', async () => {
    const {server, user} = gemini
    server.when('tell', {text: 'Once upon a time there was', hang: 'stream'})
    const running = user.start(['tell me', ...FAST])
    await running.shows('Once')
    running.child.kill('SIGINT')
    const {code, stderr, stdout} = await running.finished
    assert.equal(code, 130)
    assert.match(stdout, /^Once .*\n$/)
    const {id, last_outcome: outcome, running: left, status} = user.session()
    assert.equal(
      stderr,
      `Cancelled.\n  The session is kept. Go on with it: clinvk resume ${id.slice(0, 8)} "continue"\n`,
    )
    assert.deepEqual([status, outcome, left], ['paused', 'cancelled', undefined])
    assert.deepEqual(user.processes(), [])
    await assertResumable('[tell me]')
  })

  it('by SIGINT while a tool runs ends the tool, too', async () => {
    const {user} = gemini
    const running = await startTool('-o', 'json')
    running.child.kill('SIGINT')
    const turn = result(await running.finished)
    assert.deepEqual([turn.exit_code, turn.outcome, turn.content], [130, 'cancelled', 'I wait.'])
    assert.deepEqual(user.processes(), [])
    assert.equal(user.session().status, 'paused')
    await assertResumable('[wait]')
  })

  it('by SIGINT before the first word is kept, too', async () => {
    const {server, user} = gemini
    server.when('silent', {hang: 'headers'})
    const running = user.start(['silent', ...FAST])
    await server.arrived('silent')
    running.child.kill('SIGINT')
    const {code, stdout} = await running.finished
    assert.deepEqual([code, stdout], [130, ''])
    assert.deepEqual(user.processes(), [])
    await assertResumable('[silent]')
  })

  it('by SIGTERM while a tool runs ends the tool, too', async () => {
    const {user} = gemini
    const running = await startTool()
    running.child.kill('SIGTERM')
    const {code, stdout} = await running.finished
    assert.deepEqual([code, stdout], [143, 'I wait.\n'])
    assert.deepEqual(user.processes(), [])
  })
})
