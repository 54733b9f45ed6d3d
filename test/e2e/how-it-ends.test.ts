import assert from 'node:assert/strict'
import {chmodSync} from 'node:fs'
import {delimiter} from 'node:path'
import {withFakeClaude} from '../support/fake-claude.js'
import {json, jsonLines} from '../support/sandbox.js'

describe('an agent that ends in a strange way', () => {
  const machine = withFakeClaude()

  const ENDS = [
    {behaviour: 'no-result', message: 'claude ended with exit code 0 before its result.', exit: 0},
    {behaviour: 'exit-3', message: 'claude ended with exit code 3: the disk is on fire', exit: 3},
    {behaviour: 'deaf-exit', message: 'claude ended with exit code 7 before its result.', exit: 7},
    {behaviour: 'sigkill', message: 'claude ended by signal SIGKILL before its result.', exit: undefined},
    {behaviour: 'sigsegv', message: 'claude ended by signal SIGSEGV before its result.', exit: undefined},
  ]
  for (const {behaviour, exit, message} of ENDS) {
    it(`${behaviour}: the turn has failed, exit code 1, and says how`, async () => {
      const finished = await machine.claude.prompt(behaviour, ['--json'])
      const result = json(finished)
      assert.equal(finished.code, 1)
      assert.deepEqual(result.error, {kind: 'agent', message})
      assert.equal(result.backend_exit_code, exit)
      const [session] = machine.claude.sessions()
      assert.equal(session?.status, 'error')
      assert.equal(session.error_message, message)
      assert.equal(session.running, undefined)
    })
  }

  it('before it has read a prompt of 5 MB: its own message, not one about a pipe', async () => {
    const {code, stderr} = await machine.claude.start(['-'], {
      ...machine.claude.behaving('deaf-exit'),
      stdin: 'p'.repeat(5_000_000),
    }).finished
    assert.equal(stderr, 'Error: claude ended with exit code 7 before its result.\n')
    assert.equal(code, 1)
  })

  it('with an answer to a prompt of 5 MB that it has not read', async () => {
    const {code, stderr, stdout} = await machine.claude.start(['-'], {
      ...machine.claude.behaving('deaf-answer'),
      stdin: 'p'.repeat(5_000_000),
    }).finished
    assert.deepEqual({code, stdout, stderr}, {code: 0, stdout: 'I did not listen.\n', stderr: ''})
  })

  it('without having started, when it is no program: exit code 2', async () => {
    const directory = machine.claude.directory('broken')
    const file = machine.claude.write('broken/claude', '#!/no/such/interpreter\n')
    chmodSync(file, 0o755)
    const finished = await machine.claude.clinvk(['--json', 'do it'], {
      env: {PATH: [directory, machine.claude.env.PATH].join(delimiter)},
    })
    const {error, outcome} = json(finished) as {error: {message: string}; outcome: string}
    assert.equal(outcome, 'unavailable')
    assert.match(error.message, new RegExp(`^${file} could not be started: `))
    assert.equal(finished.code, 2)
    assert.equal(machine.claude.sessions()[0]?.running, undefined)
  })

  for (const behaviour of ['leaves-silent-child', 'leaves-chatty-child', 'leaves-flooding-child']) {
    it(`${behaviour}: nobody waits for a process that keeps its output open`, async () => {
      const finished = await machine.claude.prompt(behaviour, ['-o', 'stream-json'])
      assert.equal(jsonLines(finished).at(-1)?.content, 'Hello.')
      assert.equal(finished.code, 0)
    })
  }

  it('goes on with another conversation: exit code 4, and the session keeps the right one', async () => {
    await machine.claude.prompt('answers')
    const [before] = machine.claude.sessions()
    const finished = await machine.claude.prompt('other-session', ['-c', '--json'])
    const {error} = json(finished) as {error: {kind: string; message: string}}
    assert.equal(finished.code, 4)
    assert.equal(error.kind, 'session')
    assert.match(
      error.message,
      new RegExp(`did not resume the conversation ${String(before?.backend_session_id)}`),
    )
    const [after, ...more] = machine.claude.sessions()
    assert.deepEqual(more, [])
    assert.equal(after?.backend_session_id, before?.backend_session_id)
    assert.equal(after?.status, 'error')
    assert.deepEqual(machine.claude.processes(), [])

    const again = await machine.claude.prompt('answers', ['-c', '--json'])
    assert.equal(json(again).backend_session_id, before?.backend_session_id)
  })
})
