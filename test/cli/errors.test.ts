import assert from 'node:assert/strict'
import {CliUser} from '../support/cli-user.js'
import {ends, fixture, json, jsonLines} from '../support/sandbox.js'

type Case = [line: string, outcome: string, code: number, says: string, stdin?: string]
const CASES = fixture('errors.yaml') as Record<string, Case>

/** Every error of every command that runs turns, in the format that was asked for. */
describe('errors', () => {
  const user = new CliUser({CLINVK_BACKEND: 'echo'})
  before(() => user.write('broken.yaml', 'session: {auto_resum: true}\n'))
  after(() => user.remove())

  for (const [what, [line, outcome, code, says, stdin = '']] of Object.entries(CASES)) {
    it(`as text, JSON and stream-json: ${what}`, async () => {
      const text = await ends(user.clinvk(line, {stdin}), {stdout: '', stderr: /^Error: /m})
      assert.doesNotMatch(text.stderr, /USAGE|\n\s+at /)
      const object = await user.clinvk(`${line} --json`, {stdin})
      const result = json(object)
      assert.deepEqual([result.outcome, result.exit_code], [outcome, code])
      const lines = await user.clinvk(`${line} -ostream-json`, {stdin})
      const last = jsonLines(lines).at(-1)!
      assert.deepEqual([last.type, last.outcome], ['done', outcome])
      for (const finished of [text, object, lines]) {
        assert.match(finished.stderr, RegExp(says))
        assert.equal(finished.code, code)
      }
      assert.deepEqual(user.sessions(), [])
    })
  }

  it('come in the format of the settings, too, unless a flag says otherwise', async () => {
    user.write('.clinvk/config.yaml', 'output: {format: json}\n')
    const words = ['x y', '-b', 'nobody']
    assert.equal(json(await user.clinvk(words)).outcome, 'unavailable')
    for (const flags of [['-o', 'text'], ['--raw']])
      assert.equal((await user.clinvk([...words, ...flags])).stdout, '')
    user.write('.clinvk/config.yaml', '')
  })

  for (const flags of ['-co json', '-cojson', '--output-format=json -c', '-o json -c'])
    it(`come as JSON for ${flags}, though the words are wrong`, async () => {
      const finished = await user.clinvk(`${flags} --bogus "x y"`)
      assert.equal(json(finished).exit_code, finished.code)
    })

  it('come as text for a format after --', async () => {
    assert.equal((await user.clinvk(['--bogus', '--', '--json'])).stdout, '')
  })

  it('a home that cannot be used is one sentence and what to do, for every command of sessions', async () => {
    const other = new CliUser({CLINVK_BACKEND: 'echo', CLINVK_HOME: '/dev/null/x'})
    for (const line of ['list', 'show abcd', 'tag abcd add x', 'delete abcd', 'clean --older-than 1d']) {
      const says = /^Error: \/dev\/null\/x\/sessions cannot be read: .*\n .*clinvk doctor/m
      const {stderr} = await ends(other.clinvk(`sessions ${line}`), {code: 4, stderr: says})
      assert.doesNotMatch(stderr, /bug of clinvk| at /)
    }
    assert.equal((await other.clinvk(['hello'])).stdout, 'You said: hello\n')
    other.remove()
  })
})
