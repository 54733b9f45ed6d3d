import assert from 'node:assert/strict'
import {withFakeClaude} from '../support/fake-claude.js'
import {json, jsonLines} from '../support/sandbox.js'
import {waitFor} from '../support/wait-for.js'

describe('an agent that does not end by itself', () => {
  const machine = withFakeClaude()
  const nothingLives = () => assert.deepEqual(machine.claude.processes(), [])
  const session = () => machine.claude.sessions()[0]
  /** Clinvk, claude and this many more. */
  const live = (count: number) =>
    waitFor(`${count} processes live`, () => machine.claude.processes().length >= count + 2)

  it('is ended after its result, with the child that holds its output open; the turn has succeeded', async () => {
    const {code, stdout} = await machine.claude.prompt('lingers-with-child')
    assert.deepEqual({code, stdout}, {code: 0, stdout: 'Hello.\n'})
    assert.equal(session()?.status, 'active')
    nothingLives()
  })

  it('is ended by --timeout although it ignores every signal that can be ignored', async () => {
    const finished = await machine.claude.prompt('stubborn', ['--timeout', '1s', '--json'])
    assert.equal(finished.code, 6)
    assert.deepEqual(json(finished).error, {
      kind: 'timeout',
      message: 'Claude Code did not finish within 1.0s.',
    })
    assert.match(machine.claude.log(), /SIGINT\n(.*\n)*SIGTERM\n/)
    assert.equal(session()?.status, 'paused')
    nothingLives()
  })

  it('is ended at once by a second Ctrl-C', async () => {
    const running = machine.claude.begin('stubborn')
    await machine.claude.logged('stubborn')
    running.child.kill('SIGINT')
    await machine.claude.logged('SIGINT')
    running.child.kill('SIGINT')
    const {code, stderr} = await running.finished
    assert.equal(code, 130)
    assert.equal(stderr, 'Cancelled.\n')
    assert.equal(session()?.status, 'paused')
    nothingLives()
  })

  it('may say its last words after Ctrl-C', async () => {
    const running = machine.claude.begin('polite', ['-o', 'stream-json'])
    await machine.claude.logged('works')
    running.child.kill('SIGINT')
    const finished = await running.finished
    const done = jsonLines(finished).filter(({type}) => type === 'done')
    assert.equal(finished.code, 130)
    assert.equal(done.length, 1)
    assert.equal(done[0]?.content, 'I work. Stopped.')
    assert.equal(done[0].outcome, 'cancelled')
    assert.equal(done[0].backend_exit_code, 0)
    assert.match(finished.stderr, /clinvk resume [0-9a-f]{8} "continue"/)
    assert.equal(session()?.status, 'paused')
  })

  for (const [signal, exit] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const) {
    it(`is ended by ${signal} with all its children, also those in sessions of their own`, async () => {
      const running = machine.claude.begin('has-children')
      await live(5)
      running.child.kill(signal)
      const {code} = await running.finished
      assert.equal(code, exit)
      assert.equal(session()?.status, 'paused')
      nothingLives()
    })
  }

  it('is ended by --timeout with all its children', async () => {
    const running = machine.claude.begin('has-children', ['--timeout', '3s'])
    await live(5)
    const {code} = await running.finished
    assert.equal(code, 6)
    assert.equal(session()?.status, 'paused')
    nothingLives()
  })

  it('is ended by --idle-timeout when it only tries again and again', async () => {
    const running = machine.claude.begin('retries-for-ever', ['--idle-timeout', '2s', '-o', 'stream-json'])
    await running.shows('"type":"retry"')
    const finished = await running.finished
    const done = jsonLines(finished).at(-1)
    assert.equal(finished.code, 6)
    assert.equal((done?.error as {kind: string}).kind, 'idle_timeout')
    assert.match(finished.stderr, /made no progress for 2\.0s\. It tries again because: \S.*\n/)
    assert.equal(session()?.status, 'paused')
    nothingLives()
  })

  it('outlives a clinvk that was killed: the session runs until the agent ends', async () => {
    const running = machine.claude.begin('hangs')
    await machine.claude.logged('hangs')
    await waitFor('the agent and its session are written down', () => {
      const {backend_session_id: id, running} = session() ?? {}
      return id !== undefined && (running as {agent?: object}).agent !== undefined
    })
    running.child.kill('SIGKILL')
    await running.finished
    const busy = await machine.claude.prompt('answers', ['-c'])
    assert.equal(busy.code, 4)
    assert.match(busy.stderr, /is in use: process \d+ runs a turn of it/)

    const {agent} = session()?.running as {agent: {pid: number}}
    process.kill(agent.pid, 'SIGKILL')
    await waitFor('the agent is gone', () => machine.claude.processes().length === 0)
    const shown = await machine.claude.clinvk(['sessions', 'list', '--json'])
    const {sessions} = json(shown) as {sessions: {status: string}[]}
    assert.equal(sessions[0]?.status, 'paused')
    assert.equal((await machine.claude.prompt('answers', ['-c'])).code, 0)
  })
})
