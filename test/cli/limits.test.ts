import assert from 'node:assert/strict'
import type {TurnResult} from '../../plugins/kit/src/turn/result.js'
import {CliUser} from '../support/cli-user.js'
import {linkKeeperAgent, stop} from '../support/keeper-agent.js'
import {each, ends, json} from '../support/sandbox.js'
import {scenes} from '../support/scenes.js'

/** What the agents of these tests answer with is all that they know of the conversation. */
describe('limits and who takes over,', () => {
  const user = new CliUser({CLINVK_BACKEND: 'keeper'}).forEachTest()
  beforeEach(() => {
    const capabilities = {resume: true, fork: true, ephemeral: true}
    linkKeeperAgent(user, 'keeper', {capabilities})
    linkKeeperAgent(user, 'scribe', {capabilities, title: 'Scribe', models: {fast: 'scribe-fast'}})
  })
  const ask = async (...words: string[]) => {
    const {stderr, ...finished} = await user.clinvk([...words, '--json'])
    const result = json({stderr, ...finished}) as unknown as TurnResult
    const attempts = each(result.attempts ?? [], 'backend', 'outcome') as string[][]
    return {...result, stderr, attempts: attempts.map((words) => words.join(' ')).join(', ')}
  }
  const soon = {outcome: 'rate_limit', resetsInMs: 300} as const

  scenes(user, 'limits')

  // prettier-ignore
  for (const [what, last, first, answer] of [
    ['sends the same prompt again, once', soon, 'one', /^I know: one$/],
    ['does so where the agent has recorded nothing', {...soon, isForgotten: true}, 'one', /^I know: one$/],
    ['does so at once where the limit is over', {...soon, resetsInMs: -90_000}, 'one', /^I know: one$/],
    ['continues an answer that has begun', {...soon, text: 'So'}, 'one', /^So\n\nI know: one, The turn before was stopped by a usage limit/],
    ['continues the work where a tool has run', soon, 'look one', /^I know: look one, The turn before was stopped/],
  ] as const) {
    it(`a rate limit is waited for with --wait-for-reset, which ${what}, in the same session`, async () => {
      stop(user, 'keeper', last)
      const result = await ask(first, '--wait-for-reset', '30s')
      assert.equal(result.outcome, 'success', result.stderr)
      assert.match(result.content, answer)
      assert.equal(result.attempts, 'keeper rate_limit, keeper success')
      assert.match(result.stderr, /^Note: Waiting 0\.\ds until the limit of Keeper ends: no more\n$/)
      assert.deepEqual(user.sessions().map((session) => session.id), [result.session_id])
      assert.equal((await ask('-c', 'two')).content, `${answer.source.includes('So') ? result.content.slice(4) : result.content}, two`)
    })
  }

  it('a rate limit is no longer waited for after a signal, and the session can go on', async () => {
    stop(user, 'keeper', {...soon, resetsInMs: 60_000})
    const running = user.start(['one', '--wait-for-reset', '2m'])
    await running.shows('Waiting', 'stderr')
    running.child.kill('SIGTERM')
    await ends(running.finished, {
      code: 143,
      stderr: /\nCancelled while waiting until the limit of Keeper ends\.\n.*clinvk resume/,
    })
    assert.equal((await ask('-c', 'two')).outcome, 'success')
  })

  for (const outcome of ['rate_limit', 'auth'] as const) {
    it(`--fallback sends the same prompt to the next agent after ${outcome}, in a session of its own`, async () => {
      stop(user, 'keeper', {outcome, text: 'So'})
      const result = await ask('one', '--fallback', 'scribe', '--name', 'x', '-m', 'fast')
      assert.deepEqual([result.backend, result.content], ['scribe', 'I know: one'])
      assert.equal(result.attempts, `keeper ${outcome}, scribe success`)
      assert.match(result.stderr, /^Note: Keeper: no more\. Scribe takes over\.\n$/)
      const sessions = user.sessions().map(({backend, name}) => `${String(backend)} ${String(name)}`)
      assert.deepEqual(sessions.sort(), ['keeper x', 'scribe x-scribe'])
      assert.equal(user.sessions()[0]!.id, result.session_id)
    })
  }
})
