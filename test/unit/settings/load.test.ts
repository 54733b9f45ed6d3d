import assert from 'node:assert/strict'
import {join} from 'node:path'
import {loadSettings} from 'clinvk-kit/settings/load'
import {DEFAULTS} from 'clinvk-kit/settings/settings'
import {fixture, Sandbox} from '../../support/sandbox.js'

describe('settings', () => {
  const user = new Sandbox().forEachTest()
  const load = (env: Record<string, string> = {}, file?: string) =>
    loadSettings({cwd: user.home, env: {CLINVK_HOME: user.home, ...env}, ...(file !== undefined && {file})})
  const write = (text: string) => user.write('config.yaml', text)

  it('are the defaults without a file, with an empty one, and with one of comments', async () => {
    assert.deepEqual(await load(), DEFAULTS)
    for (const text of ['', '\n', '# nothing\n', '---\n']) {
      write(text)
      assert.deepEqual(await load(), DEFAULTS)
    }
  })

  it('take from the file what stands there, and the rest from the defaults', async () => {
    write('default_backend: echo\noutput:\n  show_tokens: true\nbackends:\n  claude:\n    model: opus\n')
    assert.deepEqual(await load(), {
      ...DEFAULTS,
      default_backend: 'echo',
      output: {...DEFAULTS.output, show_tokens: true},
      backends: {claude: {model: 'opus'}},
    })
  })

  const WRONG = fixture('settings/wrong.yaml') as Record<'problem' | 'text' | 'says', string>[]
  const repeated = (count: number, line: (index: number) => string) =>
    Array.from({length: count}, (_, i) => line(i)).join('')
  WRONG.push(
    {problem: 'a bomb of aliases', text: bomb(), says: String.raw`config\.yaml:1:1: .*alias`},
    {
      problem: 'an endless section',
      text: repeated(60_000, (i) => `k${i}: 1\n`),
      says: 'more than 1,000 keys',
    },
    {
      problem: 'endless aliases',
      text: `a: &a 1\nb: [${'*a, '.repeat(50_000)}]`,
      says: 'more than 1,000 aliases',
    },
    {
      problem: 'endless sections',
      text: `plugins:\n${repeated(900, (i) => `  p${i}: {a: 1, b: 2}\n`)}`,
      says: '1,800 keys',
    },
  )
  for (const {problem, says, text} of WRONG) {
    it(`may not hold ${problem}: the message names file, line and column`, async () => {
      write(text)
      await assert.rejects(load(), {kind: 'config', message: RegExp(says)})
    })
  }

  it('may lie elsewhere, by flag or environment; the flag wins', async () => {
    user.write('a.yaml', 'default_backend: a\n')
    user.write('b.yaml', 'default_backend: b\n')
    assert.equal((await load({CLINVK_CONFIG: 'a.yaml'})).default_backend, 'a')
    assert.equal((await load({CLINVK_CONFIG: 'a.yaml'}, 'b.yaml')).default_backend, 'b')
  })

  it('that were named must be there, and be a file', async () => {
    for (const failing of [load({}, 'no.yaml'), load({CLINVK_CONFIG: 'no.yaml'})]) {
      await assert.rejects(failing, {
        kind: 'config',
        message: `${join(user.home, 'no.yaml')} does not exist.`,
      })
    }

    user.directory('directory')
    await assert.rejects(load({}, 'directory'), {kind: 'config', message: /directory cannot be read: /})
  })

  it('yield to the environment', async () => {
    write('default_backend: a\nbackends:\n  claude: {model: opus, enabled: true}\n')
    const settings = await load({CLINVK_BACKEND: 'b', CLINVK_CLAUDE_MODEL: 'haiku', CLINVK_CODEX_MODEL: 'x'})
    assert.equal(settings.default_backend, 'b')
    assert.deepEqual(settings.backends, {claude: {model: 'haiku', enabled: true}, codex: {model: 'x'}})
    assert.equal((await load({CLINVK_BACKEND: ''})).default_backend, 'a', 'an empty variable says nothing')
  })

  /** A few lines that would unfold to a billion. */
  function bomb(): string {
    const levels = ['a: &a [x, x, x, x, x, x, x, x, x, x]']
    for (const [before, name] of ['ab', 'bc', 'cd', 'de', 'ef', 'fg', 'gh', 'hi'])
      levels.push(`${name}: &${name} [${Array<string>(10).fill(`*${before}`).join(', ')}]`)
    return `${levels.join('\n')}\n`
  }
})
