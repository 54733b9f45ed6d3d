import assert from 'node:assert/strict'
import type {TurnResult} from '../../plugins/kit/src/turn/result.js'
import {CliUser} from '../support/cli-user.js'
import {linkKeeperAgent, stop} from '../support/keeper-agent.js'
import {ends, json, jsonLines} from '../support/sandbox.js'

/** What the agent of these tests answers with is all that it knows of the conversation. */
describe('a rate limit', () => {
  const user = new CliUser({CLINVK_BACKEND: 'keeper'}).forEachTest()
  beforeEach(() =>
    linkKeeperAgent(user, 'keeper', {capabilities: {resume: true, fork: true, ephemeral: true}}),
  )
  const ask = async (...words: string[]) => {
    const {stderr, ...finished} = await user.clinvk([...words, '--json'])
    return {...(json({stderr, ...finished}) as unknown as TurnResult), stderr}
  }
  const outcomes = ({attempts = []}: TurnResult) =>
    attempts.map(({backend, outcome}) => `${backend} ${outcome}`).join(', ')
  const soon = {outcome: 'rate_limit', resetsInMs: 300} as const
  const wait = ['--wait-for-reset', '30s']

  // prettier-ignore
  for (const [what, last, first, answer] of [
    ['sends the same prompt again, once', soon, 'one', /^I know: one$/],
    ['does so where the agent has recorded nothing', {...soon, isForgotten: true}, 'one', /^I know: one$/],
    ['does so at once where the limit is over', {...soon, resetsInMs: -90_000}, 'one', /^I know: one$/],
    ['continues an answer that has begun', {...soon, text: 'So'}, 'one', /^So\n\nI know: one, The turn before was stopped by a usage limit/],
    ['continues the work where a tool has run', soon, 'look one', /^I know: look one, The turn before was stopped/],
  ] as const) {
    it(`is waited for with --wait-for-reset, which ${what}, in the same session`, async () => {
      stop(user, 'keeper', last)
      const result = await ask(first, ...wait)
      assert.equal(result.outcome, 'success', result.stderr)
      assert.match(result.content, answer)
      assert.equal(outcomes(result), 'keeper rate_limit, keeper success')
      assert.match(result.stderr, /^Note: Waiting 0\.\ds until the limit of Keeper ends: no more\n$/)
      assert.deepEqual(user.sessions().map((session) => session.id), [result.session_id])
      assert.equal((await ask('-c', 'two')).content, `${answer.source.includes('So') ? result.content.slice(4) : result.content}, two`)
    })
  }

  it('of a session that goes on is waited for there, and --ephemeral starts anew', async () => {
    await ask('one')
    stop(user, 'keeper', soon)
    assert.equal((await ask('-c', 'two', ...wait)).content, 'I know: one, two, two')
    stop(user, 'keeper', soon)
    assert.equal((await ask('--ephemeral', 'three', ...wait)).content, 'I know: three')
    stop(user, 'keeper', soon)
    const {error, outcome} = await ask('--ephemeral', 'look x', ...wait)
    assert.deepEqual(
      [outcome, error?.message],
      ['rate_limit', 'Tools have run, and nothing was kept from which the agent could continue.'],
    )
  })

  it('that ends later than MAX allows is told at once, and one of which nothing is known is asked for until MAX', async () => {
    for (const [resetsInMs, hint] of [
      [30 * 86_400_000, 'That is later than --wait-for-reset 1.0s allows, so it was not waited for.'],
      [undefined, 'It was waited for as long as --wait-for-reset 1.0s allows.'],
    ] as const) {
      stop(user, 'keeper', {...soon, resetsInMs}, {...soon, resetsInMs})
      const {attempts, error, exit_code: code, stderr} = await ask('one', '--wait-for-reset', '1s')
      assert.deepEqual([code, error?.hints?.[0]], [9, hint])
      assert.deepEqual(
        [attempts?.length, stderr.includes('Waiting 1.0s before Keeper is asked again: no more')],
        resetsInMs ? [1, false] : [2, true],
      )
    }
  })

  it('does not hide what follows it: another failure is the end', async () => {
    stop(user, 'keeper', soon, {outcome: 'failed'})
    const result = await ask('one', ...wait)
    assert.deepEqual([outcomes(result), result.exit_code], ['keeper rate_limit, keeper failed', 1])
  })

  it('is counted down on a terminal, and told in every format of output', async () => {
    stop(user, 'keeper', soon)
    const {stderr} = await user.clinvk(['one', ...wait], {onTerminal: true, env: {TERM: 'xterm'}})
    assert.match(stderr, /waits 0\.\ds for its limit to end/)
    stop(user, 'keeper', {...soon, text: 'So'})
    const lines = jsonLines(await user.clinvk(['two', ...wait, '-o', 'stream-json']))
    assert.deepEqual(
      lines.map(({text, type}) => text ?? type),
      ['session', 'So', 'notice', '\n\n', 'session', lines[5]!.text, 'done'],
    )
    stop(user, 'keeper', soon)
    await ends(user.clinvk(['three', ...wait, '--raw']), {code: 0, stdout: /I know: three/})
  })

  it('is waited for in the tasks of a run', async () => {
    stop(user, 'keeper', soon)
    const {results} = json(
      await user.clinvk(['parallel', '--json'], {
        stdin: JSON.stringify([{prompt: 'one', wait_for_reset: '30s'}]),
      }),
    ) as {results: TurnResult[]}
    assert.equal(outcomes(results[0]!), 'keeper rate_limit, keeper success')
  })

  it('is no longer waited for after a signal, and the session can go on', async () => {
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
})
