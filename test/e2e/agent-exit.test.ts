import assert from 'node:assert/strict'
import {chmodSync} from 'node:fs'
import {delimiter} from 'node:path'
import {FakeClaude} from '../support/fake-claude.js'
import {json, jsonLines} from '../support/sandbox.js'

describe('when an agent exits unexpectedly', () => {
  const claude = new FakeClaude().forEachTest()

  for (const [behaviour, how, exit] of [
    ['no-result', 'with exit code 0 before its result.', 0],
    ['exit-3', 'with exit code 3: the disk is on fire', 3],
    ['deaf-exit', 'with exit code 7 before its result.', 7],
    ['sigsegv', 'by signal SIGSEGV before its result.', undefined],
  ] as const) {
    it(`the turn fails with its message and exit code 1 (${behaviour})`, async () => {
      const finished = await claude.prompt(behaviour, ['--json'])
      const result = json(finished)
      const message = `claude ended ${how}`
      assert.deepEqual([finished.code, result.error], [1, {kind: 'agent', message}])
      assert.equal(result.backend_exit_code, exit)
      const [session] = claude.sessions()
      assert.deepEqual(
        [session?.status, session?.error_message, session?.running],
        ['error', message, undefined],
      )
    })
  }

  for (const [behaviour, ...expected] of [
    ['deaf-exit', 1, '', 'Error: claude ended with exit code 7 before its result.\n'],
    ['deaf-answer', 0, 'I did not listen.\n', ''],
  ] as const) {
    it(`before it has read a prompt of 5 MB, no error about a pipe is shown (${behaviour})`, async () => {
      const options = {...claude.behaving(behaviour), stdin: 'p'.repeat(5_000_000)}
      const {code, stderr, stdout} = await claude.start(['-'], options).finished
      assert.deepEqual([code, stdout, stderr], expected)
    })
  }

  for (const [content, why] of [
    ['#!/no/such/interpreter -x\n', 'its interpreter /no/such/interpreter does not exist.'],
    ['#!/bin/sh\r\n', 'its first line ends with a carriage return (CRLF)'],
  ] as const)
    it(`an agent that cannot be started is unavailable, exit code 2: ${why}`, async () => {
      const directory = claude.directory('broken')
      const file = claude.write('broken/claude', content)
      chmodSync(file, 0o755)
      const finished = await claude.clinvk(['--json', 'do it'], {
        env: {PATH: [directory, claude.env.PATH].join(delimiter)},
      })
      const {error, outcome} = json(finished) as {error: {message: string}; outcome: string}
      assert.ok(error.message.startsWith(`${file} could not be started: ${why}`), error.message)
      assert.deepEqual([finished.code, outcome], [2, 'unavailable'])
      assert.equal(claude.sessions()[0]?.running, undefined)
    })

  for (const behaviour of ['leaves-silent-child', 'leaves-chatty-child', 'leaves-flooding-child']) {
    it(`clinvk does not wait for a child that keeps the output open (${behaviour})`, async () => {
      const finished = await claude.prompt(behaviour, ['-o', 'stream-json'])
      assert.deepEqual([jsonLines(finished).at(-1)?.content, finished.code], ['Hello.', 0])
    })
  }

  it('an agent that resumes another conversation ends with exit code 4; the session keeps its own', async () => {
    await claude.prompt('answers')
    const [before] = claude.sessions()
    const finished = await claude.prompt('other-session', ['-c', '--json'])
    const {kind, message} = json(finished).error as {kind: string; message: string}
    const id = String(before?.backend_session_id)
    assert.deepEqual([finished.code, kind], [4, 'session'])
    assert.match(message, new RegExp(`did not resume the conversation ${id}`))
    const [after, ...more] = claude.sessions()
    assert.deepEqual([after?.backend_session_id, after?.status, more], [id, 'error', []])
    assert.deepEqual(claude.processes(), [])
    const again = await claude.prompt('answers', ['-c', '--json'])
    assert.equal(json(again).backend_session_id, id)
  })
})
