import assert from 'node:assert/strict'
import {FakeClaude} from '../support/fake-claude.js'
import {ends, json, jsonLines, type Finished} from '../support/sandbox.js'

describe('unusual output of an agent', () => {
  const claude = new FakeClaude().forEachTest()
  const events = (finished: Finished, type: string) =>
    jsonLines(finished).filter((event) => event.type === type)
  const session = () => claude.sessions()[0]

  it('that is not valid JSON is kept as unparsed, shown with --raw, and left out of the answer', async () => {
    const finished = await claude.prompt('garbage', ['-o', 'stream-json'])
    assert.deepEqual(
      events(finished, 'unparsed').map(({line}) => line),
      [
        'npm warn: this is not JSON', '{"type":', '[1,2]', 'null', '\uFFFD\uFFFD',
        '{"type":"assistant","message":{"content":[null]}}',
      ], // prettier-ignore
    )
    const [done, ...more] = events(finished, 'done')
    assert.deepEqual([done?.content, more, finished.code], ['Hello.', [], 0])
    assert.equal(session()?.status, 'active')

    assert.equal((await claude.prompt('garbage')).stdout, 'Hello.\n')
    const lines = (await claude.prompt('garbage', ['--raw'])).stdout.split('\n')
    assert.deepEqual(lines.slice(1, 4), ['npm warn: this is not JSON', '', '{"type":'])
    assert.equal(lines.length, 10)
  })

  it('of a later version is kept as unparsed', async () => {
    const finished = await claude.prompt('unknown-events', ['-o', 'stream-json'])
    const types = jsonLines(finished).map(({type}) => type)
    assert.deepEqual(types, ['session', 'unparsed', 'unparsed', 'text', 'done'])
    assert.equal(finished.code, 0)
  })

  it('that ends in the middle of a line is kept, and the turn has failed', async () => {
    const finished = await claude.prompt('half-a-line', ['-o', 'stream-json'])
    assert.equal(events(finished, 'unparsed')[0]?.line, '{"type":"result","subtype":"succ')
    assert.equal(events(finished, 'done')[0]?.outcome, 'failed')
    assert.match(finished.stderr, /claude ended with exit code 0 before its result\./)
    assert.deepEqual([finished.code, session()?.status], [1, 'error'])
  })

  for (const [behaviour, answer] of [
    ['result-without-newline', 'Hello.\n'],
    ['split-character', 'größer 😀\n'],
  ] as const) {
    it(`is read correctly: ${behaviour}`, async () => {
      await ends(claude.prompt(behaviour), {code: 0, stdout: answer, stderr: ''})
    })
  }

  it('that makes the backend throw at the end fails the turn; the session is still written', async () => {
    const finished = await claude.prompt('strange-result', ['-o', 'stream-json'])
    const [done, ...more] = events(finished, 'done')
    assert.deepEqual([done?.outcome, done?.session_id, more], ['failed', session()?.id, []])
    assert.deepEqual([finished.code, session()?.status, session()?.running], [1, 'error', undefined])
  })

  it('with two results makes one answer', async () => {
    const finished = await claude.prompt('two-results', ['-o', 'stream-json'])
    const [done, ...more] = events(finished, 'done')
    assert.deepEqual([done?.content, more, finished.code], ['First.\n\nSecond.', [], 0])
    assert.equal((done?.usage as {total_tokens: number}).total_tokens, 33)
  })

  it('on standard error alone becomes the error message', async () => {
    const {code, stderr, stdout} = await claude.prompt('stderr-only')
    assert.match(stderr, /claude ended with exit code 0: nothing works today\ngiving up\n/)
    assert.deepEqual([code, stdout], [1, ''])
  })

  it('may be one line of 100 MB', async () => {
    const {code, stdout} = await claude.prompt('long-line', [], {size: 100_000_000})
    assert.deepEqual([code, stdout.length], [0, 100_000_001])
  })

  it('is cut, and no success, when a line is longer than 128 MiB; the next line is read', async () => {
    const finished = await claude.prompt('long-garbage', ['--json'], {size: 140_000_000})
    assert.match(finished.stderr, /a line of 140,000,000 bytes; only the first 134,217,728 are used/)
    assert.deepEqual([json(finished).content, finished.code], ['Hello.', 11])
  })
})
