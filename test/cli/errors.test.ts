import assert from 'node:assert/strict'
import {CliUser} from '../support/cli-user.js'
import {ends, json, jsonLines} from '../support/sandbox.js'

/** Every error of every command that runs turns, in the format that was asked for. */
describe('errors', () => {
  const user = new CliUser({CLINVK_BACKEND: 'echo'})
  before(() => user.write('broken.yaml', 'session: {auto_resum: true}\n'))
  after(() => user.remove())

  const tasks = '["x y"]'
  type Case = [what: string, words: string[], outcome: string, code: number, says: RegExp, stdin?: string]
  const cases: Case[] = [
    ['an unknown flag', ['--bogus', 'x y'], 'failed', 1, /Unknown flag --bogus/],
    ['a value that is none', ['x y', '--timeout', 'soon'], 'failed', 1, /"soon" is not a duration/],
    ['a choice that is none', ['x y', '--sandbox-mode', 'none'], 'failed', 1, /--sandbox-mode/],
    ['flags that exclude each other', ['-c', '--new', 'x y'], 'failed', 1, /--new/],
    ['two arguments', ['x y', 'z'], 'failed', 1, /A prompt is one argument/],
    ['no prompt', ['-c'], 'failed', 1, /There is no prompt/],
    ['an unknown backend', ['x y', '-b', 'nobody'], 'unavailable', 2, /"nobody"\.(?!.*plugins install)/s],
    ['a wrong settings file', ['x y', '--config', '../broken.yaml'], 'config', 3, /broken\.yaml:1:\d+: /],
    ['a missing settings file', ['x y', '--config', 'nope.yaml'], 'config', 3, /nope\.yaml/],
    ['nothing to continue', ['-c', 'x y'], 'session', 4, /There is no session to resume/],
    ['an unknown session', ['--session', 'abcdef', 'x y'], 'session', 4, /There is no session "abcdef"/],
    ['a refused option', ['x y', '--sandbox-mode', 'full'], 'refused', 10, /--sandbox-mode/],
    ['resume: an unknown flag', ['resume', '--last', '--bogus'], 'failed', 1, /Unknown flag --bogus/],
    ['resume: an unknown session', ['resume', 'abcdef', 'x'], 'session', 4, /There is no session "abcdef"/],
    ['resume: nothing to resume', ['resume', '--last', 'x y'], 'session', 4, /There is no session to resume/],
    [
      'resume: --name',
      ['resume', '--last', '--name', 'n', 'x y'],
      'failed',
      1,
      /--name cannot be used with resume/,
    ],
    ['parallel: an unknown flag', ['parallel', '--bogus'], 'failed', 1, /Unknown flag --bogus/],
    ['parallel: a broken run file', ['parallel'], 'config', 3, /standard input:1:/, '{"tasks": ['],
    ['parallel: no file', ['parallel', '-f', 'nope.yaml'], 'failed', 1, /nope\.yaml/],
    ['parallel: an unknown backend', ['parallel', '-b', 'nobody'], 'unavailable', 2, /nobody/, tasks],
    ['chain: an unknown flag', ['chain', '--bogus'], 'failed', 1, /Unknown flag --bogus/],
    [
      'chain: a placeholder for nothing',
      ['chain'],
      'config',
      3,
      /is not valid: there is no step/,
      '["{{previous}}"]',
    ],
    ['chain: an unknown backend', ['chain', '-b', 'nobody'], 'unavailable', 2, /nobody/, tasks],
    ['compare: no backend', ['compare', 'x y'], 'failed', 1, /No backends to compare/],
    ['compare: an unknown backend', ['compare', '-b', 'nobody', 'x y'], 'unavailable', 2, /nobody/],
    ['compare: no prompt', ['compare', '-b', 'echo'], 'failed', 1, /There is no prompt/],
  ]
  for (const [what, words, outcome, code, says, stdin = ''] of cases) {
    it(`as text, JSON and stream-json: ${what}`, async () => {
      const text = await ends(user.clinvk(words, {stdin}), {stdout: '', stderr: /^Error: /m})
      assert.doesNotMatch(text.stderr, /USAGE|\n\s+at /)
      const object = await user.clinvk([...words, '--json'], {stdin})
      const result = json(object)
      assert.deepEqual([result.outcome, result.exit_code], [outcome, code])
      const lines = await user.clinvk([...words, '-ostream-json'], {stdin})
      const last = jsonLines(lines).at(-1)!
      assert.deepEqual([last.type, last.outcome], ['done', outcome])
      for (const finished of [text, object, lines]) {
        assert.match(finished.stderr, says)
        assert.equal(finished.code, code)
      }
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

  for (const words of [['-co', 'json'], ['-cojson'], ['--output-format=json', '-c'], ['-o', 'json', '-c']])
    it(`come as JSON for ${words.join(' ')}, though the words are wrong`, async () => {
      const finished = await user.clinvk([...words, '--bogus', 'x y'])
      assert.equal(json(finished).exit_code, finished.code)
    })

  it('come as text for a format after --', async () => {
    assert.equal((await user.clinvk(['--bogus', '--', '--json'])).stdout, '')
  })

  it('a home that cannot be used is one sentence and what to do, for every command of sessions', async () => {
    const other = new CliUser({CLINVK_BACKEND: 'echo', CLINVK_HOME: '/dev/null/x'})
    for (const words of [
      ['list'],
      ['show', 'abcd'],
      ['tag', 'abcd', 'add', 'x'],
      ['delete', 'abcd'],
      ['clean', '--older-than', '1d'],
    ]) {
      const {code, stderr} = await other.clinvk(['sessions', ...words])
      assert.equal(code, 4)
      assert.match(stderr, /^Error: \/dev\/null\/x\/sessions cannot be read: .*\n .*clinvk doctor/m)
      assert.doesNotMatch(stderr, /bug of clinvk| at /)
    }
    assert.equal((await other.clinvk(['hello'])).stdout, 'You said: hello\n')
    other.remove()
  })
})
