import assert from 'node:assert/strict'
import {withFakeClaude} from '../support/fake-claude.js'
import {json, jsonLines, type Finished} from '../support/sandbox.js'

describe('an agent that prints strange things', () => {
  const machine = withFakeClaude()
  const events = (finished: Finished, type: string) =>
    jsonLines(finished).filter((event) => event.type === type)
  const session = () => machine.claude.sessions()[0]

  it('is understood when it behaves', async () => {
    const {code, stderr, stdout} = await machine.claude.prompt('answers')
    assert.deepEqual({code, stdout, stderr}, {code: 0, stdout: 'Hello.\n', stderr: ''})
    assert.equal(session()?.status, 'active')
  })

  it('loses no line that is not JSON, or not what it should be', async () => {
    const finished = await machine.claude.prompt('garbage', ['-o', 'stream-json'])
    assert.deepEqual(
      events(finished, 'unparsed').map(({line}) => line),
      [
        'npm warn: this is not JSON',
        '{"type":',
        '[1,2]',
        'null',
        '\uFFFD\uFFFD',
        '{"type":"assistant","message":{"content":[null]}}',
      ],
    )
    assert.equal(events(finished, 'done').length, 1)
    assert.equal(events(finished, 'done')[0]?.content, 'Hello.')
    assert.equal(finished.code, 0)
    assert.equal(session()?.status, 'active')
  })

  it('shows people the answer without the garbage, and scripts with --raw all of it', async () => {
    const text = await machine.claude.prompt('garbage')
    assert.equal(text.stdout, 'Hello.\n')
    const raw = await machine.claude.prompt('garbage', ['--raw'])
    const lines = raw.stdout.split('\n')
    assert.deepEqual(lines.slice(1, 4), ['npm warn: this is not JSON', '', '{"type":'])
    assert.equal(lines.length, 10)
  })

  it('may tell of things that did not exist when clinvk was made', async () => {
    const finished = await machine.claude.prompt('unknown-events', ['-o', 'stream-json'])
    assert.deepEqual(
      jsonLines(finished).map(({type}) => type),
      ['session', 'unparsed', 'unparsed', 'text', 'done'],
    )
    assert.equal(finished.code, 0)
  })

  it('may end in the middle of a line: what there is of it is kept, the turn has failed', async () => {
    const finished = await machine.claude.prompt('half-a-line', ['-o', 'stream-json'])
    assert.equal(events(finished, 'unparsed')[0]?.line, '{"type":"result","subtype":"succ')
    assert.equal(events(finished, 'done')[0]?.outcome, 'failed')
    assert.match(finished.stderr, /claude ended with exit code 0 before its result\./)
    assert.equal(finished.code, 1)
    assert.equal(session()?.status, 'error')
  })

  it('may forget the last newline', async () => {
    const {code, stdout} = await machine.claude.prompt('result-without-newline')
    assert.deepEqual({code, stdout}, {code: 0, stdout: 'Hello.\n'})
  })

  it('may be cut anywhere by the pipe, also within a character', async () => {
    const {code, stdout} = await machine.claude.prompt('split-character')
    assert.deepEqual({code, stdout}, {code: 0, stdout: 'größer 😀\n'})
  })

  it('may end with a result that its backend stumbles over: the session is still finished', async () => {
    const finished = await machine.claude.prompt('strange-result', ['-o', 'stream-json'])
    const [done, ...more] = events(finished, 'done')
    assert.deepEqual(more, [])
    assert.equal(done?.outcome, 'failed')
    assert.equal(done.session_id, session()?.id)
    assert.equal(finished.code, 1)
    assert.equal(session()?.status, 'error')
    assert.equal(session()?.running, undefined)
  })

  it('may answer a second time after its result', async () => {
    const finished = await machine.claude.prompt('two-results', ['-o', 'stream-json'])
    const [done, ...more] = events(finished, 'done')
    assert.deepEqual(more, [])
    assert.equal(done?.content, 'First.\n\nSecond.')
    assert.equal((done.usage as {total_tokens: number}).total_tokens, 33)
    assert.equal(finished.code, 0)
  })

  it('may speak on stderr alone: that becomes the message', async () => {
    const {code, stderr, stdout} = await machine.claude.prompt('stderr-only')
    assert.equal(stdout, '')
    assert.match(stderr, /claude ended with exit code 0: nothing works today\ngiving up\n/)
    assert.equal(code, 1)
  })

  it('may answer with a megabyte', async () => {
    const finished = await machine.claude.prompt('long-answer', ['--json'], {size: 1_000_000})
    assert.equal(json(finished).content, 'x'.repeat(1_000_000))
    assert.equal(finished.code, 0)
  })

  it('may flood clinvk with 50 MB of short lines', async () => {
    const finished = await machine.claude.prompt('flood', ['--json'], {size: 250_000})
    assert.equal(json(finished).content, 'Hello.')
    assert.equal(finished.code, 0)
  })

  it('may print a line of 100 MB', async () => {
    const size = 100_000_000
    const finished = await machine.claude.prompt('long-line', [], {size})
    assert.equal(finished.stdout.length, size + 1)
    assert.equal(finished.code, 0)
  })

  it('may print 100 MB of garbage in one line', async () => {
    const size = 100_000_000
    const finished = await machine.claude.prompt('long-garbage', ['-o', 'stream-json'], {size})
    const [unparsed] = events(finished, 'unparsed')
    assert.equal((unparsed?.line as string).length, size)
    assert.equal(events(finished, 'done')[0]?.content, 'Hello.')
    assert.equal(finished.code, 0)
  })

  it('is told of when a line is too long for any memory, and goes on after it', async () => {
    const finished = await machine.claude.prompt('long-garbage', ['--json'], {size: 200_000_000})
    assert.match(finished.stderr, /a line of 200,000,000 bytes; only the first 134,217,728 are used/)
    assert.equal(json(finished).content, 'Hello.')
    assert.equal(finished.code, 0)
  })
})
