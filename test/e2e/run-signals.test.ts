import assert from 'node:assert/strict'
import {linkBackendPlugin} from '../support/link-plugin.js'
import {linkMoodyAgent} from '../support/moody-agent.js'
import type {Report} from '../support/runs.js'
import {ends, type Finished, json, jsonLines, Sandbox} from '../support/sandbox.js'

/** What signals do to many turns, with agents that need no account. */
describe('a signal to a run', () => {
  const user = new Sandbox({CLINVK_BACKEND: 'echo'}).forEachTest()
  beforeEach(() => linkMoodyAgent(user))

  const lastLine = (finished: Finished) => jsonLines(finished).at(-1) as unknown as Report
  const outcomes = ({results}: Report) => results.map(({outcome}) => outcome)

  it('ends a chain at Ctrl-C with what there is, exit 130', async () => {
    const work = JSON.stringify([{prompt: 'one'}, {prompt: 'hang', backend: 'moody'}, {prompt: 'three'}])
    const running = user.start(['chain', '-o', 'stream-json'], {stdin: work})
    await running.shows('"text":"hang')
    running.child.kill('SIGINT')
    const finished = await running.finished
    const last = lastLine(finished)
    assert.deepEqual(
      [finished.code, last.completed_steps, last.failed_step, last.results.length],
      [130, 1, 2, 2],
    )
  })

  it('ends a chain with exit 130, too, when the signal comes while a step has just ended', async () => {
    // The agent interrupts clinvk, and has done its work.
    const agent = "process.kill(process.ppid, 'SIGINT'); console.log('done')"
    const descriptor = {module: undefined, command: {args: []}}
    linkBackendPlugin(user, 'last', '', {agent, descriptor})
    const stdin = JSON.stringify(['one', {prompt: 'two', backend: 'last'}, 'three'])
    const finished = await user.clinvk(['chain', '--json'], {stdin})
    const {results} = json(finished) as unknown as Report
    assert.equal(finished.code, 130)
    assert.ok(results.some(({outcome}) => outcome === 'cancelled'))
  })

  it('ends parallel tasks in order at Ctrl-C: what there is is printed, the rest is cancelled, exit 130', async () => {
    const tasks = [{prompt: 'quick'}, {prompt: 'hang on', backend: 'moody'}, {prompt: 'never begun'}]
    const running = user.start(['parallel', '--max-parallel', '2', '-o', 'stream-json'], {
      stdin: JSON.stringify([tasks[0], tasks[1], {prompt: 'hang too', backend: 'moody'}, tasks[2]]),
    })
    await running.shows('hang too')
    running.child.kill('SIGINT')
    const finished = await running.finished
    const last = lastLine(finished)
    assert.deepEqual(outcomes(last), ['success', 'cancelled', 'cancelled', 'cancelled'])
    assert.deepEqual([last.cancelled, last.results[1]!.output, finished.code], [3, 'hang on', 130])
    assert.equal(user.sessions().filter(({status}) => status === 'paused').length, 2)
  })

  it('does not wait for an agent that will not end when Ctrl-C comes twice', async () => {
    const work = '[{"prompt": "stubborn", "backend": "moody"}]'
    const running = user.start(['parallel', '-o', 'stream-json'], {stdin: work})
    await running.shows('"text":"stubborn')
    running.child.kill('SIGINT')
    await new Promise((resolve) => setTimeout(resolve, 200))
    running.child.kill('SIGINT')
    const finished = await ends(running.finished, {code: 130})
    assert.deepEqual(outcomes(lastLine(finished)), ['cancelled'])
  })
})
