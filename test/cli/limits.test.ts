import assert from 'node:assert/strict'
import type {TurnResult} from '../../plugins/kit/src/turn/result.js'
import {CliUser} from '../support/cli-user.js'
import {linkKeeperAgent, stop} from '../support/keeper-agent.js'
import {ends, json, jsonLines} from '../support/sandbox.js'

async function asked(user: CliUser, words: readonly string[]) {
  const {stderr, ...finished} = await user.clinvk([...words, '--json'])
  return {...(json({stderr, ...finished}) as unknown as TurnResult), stderr}
}

function outcomes({attempts = []}: TurnResult): string {
  return attempts.map(({backend, outcome}) => `${backend} ${outcome}`).join(', ')
}

/** What the agent of these tests answers with is all that it knows of the conversation. */
describe('a rate limit', () => {
  const user = new CliUser({CLINVK_BACKEND: 'keeper'}).forEachTest()
  beforeEach(() =>
    linkKeeperAgent(user, 'keeper', {capabilities: {resume: true, fork: true, ephemeral: true}}),
  )
  const ask = (...words: string[]) => asked(user, words)
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
      [outcome, error?.hints],
      ['rate_limit', ['Tools have run, and no session was kept from which an agent could continue.']],
    )
  })

  it('that ends later than MAX allows is told at once, and one of which nothing is known is asked for until MAX', async () => {
    for (const [resetsInMs, hint] of [
      [30 * 86_400_000, 'That is later than --wait-for-reset 1.0s allows, so clinvk did not wait for it.'],
      [undefined, 'clinvk waited for as long as --wait-for-reset 1.0s allows.'],
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
    assert.match(stderr, /waits 0\.\ds until a limit ends/)
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

/** `scribe` and `third` are agents of the same kind. */
describe('--fallback', () => {
  const user = new CliUser({CLINVK_BACKEND: 'keeper'}).forEachTest()
  const can = {capabilities: {resume: true, fork: true, ephemeral: true}}
  beforeEach(() => {
    linkKeeperAgent(user, 'keeper', can)
    linkKeeperAgent(user, 'scribe', {...can, title: 'Scribe', models: {fast: 'scribe-fast'}})
  })
  const ask = (...words: string[]) => asked(user, words)
  const takeOver = ['--fallback', 'scribe']

  for (const outcome of ['rate_limit', 'auth'] as const) {
    it(`sends the same prompt to the next agent after ${outcome}, in a session of its own`, async () => {
      stop(user, 'keeper', {outcome, text: 'So'})
      const result = await ask('one', ...takeOver, '--name', 'x', '-m', 'fast')
      assert.deepEqual([result.backend, result.content], ['scribe', 'I know: one'])
      assert.equal(outcomes(result), `keeper ${outcome}, scribe success`)
      assert.match(result.stderr, /^Note: Keeper: no more\. Scribe takes over\.\n$/)
      const sessions = user.sessions().map(({backend, name}) => `${String(backend)} ${String(name)}`)
      assert.deepEqual(sessions.sort(), ['keeper x', 'scribe x-scribe'])
      assert.equal(result.attempts![1]!.session_id, result.session_id)
    })
  }

  it('hands the work over where a tool has run, and forks a session that was to continue', async () => {
    stop(user, 'keeper', {outcome: 'rate_limit'})
    const {content, stderr} = await ask('look one', ...takeOver)
    assert.match(content, /^I know: look one, The turn before was stopped by a usage limit/)
    assert.match(stderr, /^Note: Keeper: no more\. Scribe continues\.\nNote: Carried 2 messages from keeper/)
    const {session_id: id = ''} = await ask('-b', 'keeper', 'two')
    stop(user, 'keeper', {outcome: 'rate_limit'})
    assert.match((await ask('--session', id, 'three', ...takeOver)).content, /^I know: two, .*three$/)
    assert.equal(user.sessions()[0]!.parent_id, id)
  })

  it("says when the limit ends, by the user's clock", async () => {
    stop(user, 'keeper', {outcome: 'rate_limit', resetsInMs: 9_000_000})
    const {stderr} = await ask('one')
    assert.match(stderr, /^Error: no more\n {2}The limit ends at 2\d{3}-\d\d-\d\d \d\d:\d\d\.\n/m)
  })

  it('is not taken after any other failure, nor where the first agent answers', async () => {
    stop(user, 'keeper', {outcome: 'failed'})
    assert.equal(outcomes(await ask('one', ...takeOver)), 'keeper failed')
    assert.equal(outcomes(await ask('one', ...takeOver)), 'keeper success')
  })

  it('is taken at once where the program of the first agent is not there', async () => {
    linkKeeperAgent(user, 'third', {...can, executable: 'third', title: 'Third'})
    const result = await ask('-b', 'third', 'one', ...takeOver)
    assert.equal(outcomes(result), 'third unavailable, scribe success')
    assert.match(
      result.stderr,
      /^Note: Third is not installed: there is no third in PATH\. Scribe takes over\.\n$/,
    )
    const last = await ask('one', '--fallback', 'third,scribe')
    assert.match(last.stderr, /^Note: third cannot take over: Third is not installed/)
    const {exit_code: code} = await ask('-b', 'third', 'one', '--fallback', 'third')
    assert.equal(code, 2)
  })

  it('is checked before anything runs: names, and that each agent can do what is asked', async () => {
    linkKeeperAgent(user, 'third', {
      capabilities: {...can.capabilities, sandbox: ['read-only']},
      title: 'Third',
    })
    for (const [words, code, message] of [
      [['--fallback', 'scribes'], 2, /Unknown backend "scribes"/],
      [['--fallback', 'scribe', '--extra=--x'], 10, /--extra is refused with --fallback/],
      [
        ['-b', 'third', '--sandbox-mode', 'read-only', '--fallback', 'keeper', '--fallback', 'scribe'],
        10,
        /^Error: --fallback keeper: --sandbox-mode read-only is refused/,
      ],
    ] as const) {
      await ends(user.clinvk(['one', ...words]), {code, stderr: message})
      assert.deepEqual(user.sessions(), [])
    }
  })

  it('comes before waiting: where no agent is left, that is waited for whose limit ends first', async () => {
    stop(user, 'keeper', {outcome: 'rate_limit', resetsInMs: 9000})
    stop(user, 'scribe', {outcome: 'rate_limit', resetsInMs: 1500})
    const result = await ask('one', ...takeOver, '--wait-for-reset', '1m')
    assert.equal(outcomes(result), 'keeper rate_limit, scribe rate_limit, scribe success')
    assert.equal(result.content, 'I know: one')
  })
})
