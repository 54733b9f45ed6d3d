import assert from 'node:assert/strict'
import {existsSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {FakeClaude} from '../support/fake-claude.js'
import {filesIn} from '../support/files-in.js'
import {ends, json, jsonLines} from '../support/sandbox.js'
import {waitFor} from '../support/wait-for.js'

describe('an agent that does not exit by itself', () => {
  const claude = new FakeClaude().forEachTest()
  const session = () => claude.sessions()[0]
  const assertStopped = (status = 'paused') => {
    assert.equal(session()?.status, status)
    assert.deepEqual(claude.processes(), [])
  }

  it('is stopped after its result, with the child that keeps its output open; the turn succeeds', async () => {
    await ends(claude.prompt('lingers-with-child'), {code: 0, stdout: 'Hello.\n'})
    assertStopped('active')
  })

  it('is killed after --timeout when it ignores signals', async () => {
    const finished = await claude.prompt('stubborn', ['--timeout', '1s', '--json'])
    const message = 'Claude Code did not finish within 1.0s.'
    const {hints, ...error} = json(finished).error as {hints: string[]}
    assert.deepEqual([finished.code, error], [6, {kind: 'timeout', message}])
    // This claude has not even told the id of its conversation.
    assert.match(
      hints.join(),
      /^Claude Code has recorded nothing yet\. Start again with the same prompt: clinvk resume/,
    )
    assert.match(claude.log(), /SIGINT\n(.*\n)*SIGTERM\n/)
    assertStopped()
  })

  it('is killed at once by a second Ctrl-C', async () => {
    const running = claude.begin('stubborn')
    await claude.logged('stubborn')
    running.child.kill('SIGINT')
    await claude.logged('SIGINT')
    running.child.kill('SIGINT')
    const {code, stderr} = await running.finished
    assert.equal(code, 130)
    assert.match(stderr, /^Cancelled\.\n {2}Claude Code has recorded nothing yet\. .*\n$/)
    assertStopped()
  })

  it('may finish its answer after Ctrl-C', async () => {
    const running = claude.begin('polite', ['-o', 'stream-json'])
    await claude.logged('works')
    running.child.kill('SIGINT')
    const finished = await running.finished
    const [done, ...more] = jsonLines(finished).filter(({type}) => type === 'done')
    assert.deepEqual([finished.code, done?.content, more], [130, 'I work. Stopped.', []])
    assert.deepEqual([done?.outcome, done?.backend_exit_code], ['cancelled', 0])
    assert.match(finished.stderr, /clinvk resume [0-9a-f]{8} "continue"/)
    assert.equal(session()?.status, 'paused')
  })

  for (const [by, exit, words] of [
    ['SIGINT', 130, []],
    ['SIGTERM', 143, []],
    ['--timeout', 6, ['--timeout', '3s']],
  ] as const) {
    it(`is stopped by ${by} with all its children, also those in sessions of their own`, async () => {
      const running = claude.begin('has-children', words)
      // clinvk, claude and five children.
      await waitFor('the children run', () => claude.processes().length >= 7)
      if (words.length === 0) running.child.kill(by as NodeJS.Signals)
      assert.equal((await running.finished).code, exit)
      assertStopped()
    })
  }

  it('outlives SIGHUP, as when its terminal is closed, where nothing is shown on one', async () => {
    const running = claude.begin('polite', ['-o', 'json'])
    await claude.logged('works')
    running.child.kill('SIGHUP')
    running.child.kill('SIGINT')
    const finished = await running.finished
    // A first signal would have been 129, and the second one would not have waited.
    assert.deepEqual([finished.code, json(finished).content], [130, 'I work. Stopped.'])
  })

  it('is stopped by --idle-timeout when it only retries', async () => {
    const running = claude.begin('retries-for-ever', ['--idle-timeout', '2s', '-o', 'stream-json'])
    await running.shows('"type":"retry"')
    const finished = await running.finished
    const {kind} = jsonLines(finished).at(-1)?.error as {kind: string}
    assert.deepEqual([finished.code, kind], [6, 'idle_timeout'])
    assert.match(finished.stderr, /made no progress for 2\.0s\. It tries again because: \S.*\n/)
    assertStopped()
  })

  it('keeps its session busy when clinvk is killed, until it exits', async () => {
    const running = claude.begin('hangs')
    await claude.logged('hangs')
    await waitFor('the session names the agent', () => {
      const {backend_session_id: id, running} = session() ?? {}
      return id !== undefined && (running as {agent?: object}).agent !== undefined
    })
    const transcripts = join(claude.home, '.clinvk/transcripts')
    const hasBegun = (name: string) => readFileSync(join(transcripts, name), 'utf8').includes('do it')
    await waitFor(
      'the transcript has begun',
      () => existsSync(transcripts) && filesIn(transcripts).some(hasBegun),
    )
    running.child.kill('SIGKILL')
    await running.finished
    const busy = await claude.prompt('answers', ['-c'])
    assert.equal(busy.code, 4)
    assert.match(busy.stderr, /is in use: process \d+ runs a turn of it/)

    const {agent} = session()?.running as {agent: {pid: number}}
    process.kill(agent.pid, 'SIGKILL')
    await waitFor('the agent has ended', () => claude.processes().length === 0)
    const shown = await claude.clinvk(['sessions', 'list', '--json'])
    assert.equal((json(shown).sessions as {status: string}[])[0]?.status, 'paused')
    assert.equal((await claude.prompt('answers', ['-c'])).code, 0)
    const {stdout} = await claude.clinvk(['sessions', 'log', '@last'])
    assert.match(stdout, /^## Turn 1, [^]*> do it\n[^]*## Turn 2, [^]*\nHello\.\n/)
  })
})
