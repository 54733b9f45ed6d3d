import assert from 'node:assert/strict'
import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import type {Failure} from 'clinvk-kit/errors/failure'
import {loadSettings} from 'clinvk-kit/settings/load'
import {DEFAULTS} from 'clinvk-kit/settings/settings'
import {CliUser} from '../../support/cli-user.js'
import {json} from '../../support/sandbox.js'

describe('settings', () => {
  let home: string
  let file: string
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'clinvk-settings-'))
    file = join(home, 'config.yaml')
  })
  afterEach(() => rmSync(home, {recursive: true}))

  const load = (env: Record<string, string> = {}, named?: string) =>
    loadSettings({cwd: home, env: {CLINVK_HOME: home, ...env}, ...(named === undefined ? {} : {file: named})})
  const write = (text: string) => writeFileSync(file, text)

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

  const WRONG: [string, string, RegExp][] = [
    [
      'YAML that is broken',
      'output:\n  format: [json\n',
      /config\.yaml:2:16: The closing bracket or brace is missing here, or not indented\.$/,
    ],
    ['a tab for indentation', 'output:\n\tformat: json\n', /config\.yaml:2:1: /],
    [
      'a key that stands twice',
      'output: {}\noutput: {}\n',
      /config\.yaml:2:1: This key stands twice in its section/,
    ],
    [
      'an unknown key',
      'output: {}\nbackend: claude\n',
      /config\.yaml:2:1: backend: there is no such setting\.$/,
    ],
    [
      'an unknown key below another',
      'output:\n  colour: true\n',
      /config\.yaml:2:3: output\.colour: there is no such/,
    ],
    [
      'a value of a wrong type',
      'session:\n  retention_days: many\n',
      /config\.yaml:2:3: session\.retention_days: "many" is not allowed\. Allowed: a whole number from 0 to 999999\.$/,
    ],
    [
      'a value that is not allowed',
      'output:\n  format: xml\n',
      /config\.yaml:2:3: output\.format: "xml" is not allowed\. Allowed: default, text, json, stream-json\.$/,
    ],
    [
      'a number below 0',
      'unified_flags:\n  max_turns: -1\n',
      /config\.yaml:2:3: unified_flags\.max_turns: -1 /,
    ],
    [
      'an item of a list',
      'session:\n  default_tags: [a, 1]\n',
      /config\.yaml:2:21: session\.default_tags\.1: 1 is not allowed\. Allowed: text\.$/,
    ],
    [
      'a text instead of settings',
      'hello\n',
      /config\.yaml:1:1: .* is not allowed\. Allowed: keys with values\.$/,
    ],
    [
      'a list instead of settings',
      '- a\n',
      /config\.yaml:1:1: .* is not allowed\. Allowed: keys with values\.$/,
    ],
    [
      'an alias of nothing',
      'output: *nothing\n',
      /config\.yaml:1:9: There is no anchor of this name before it/,
    ],
    [
      'a model that would be an option of the agent',
      'backends:\n  gemini: {model: --yolo}\n',
      /config\.yaml:2:12: backends\.gemini\.model: "--yolo" is not allowed\. Allowed: text that does not begin with -\.$/,
    ],
    ['a value where a section belongs', 'output: loud\n', /config\.yaml:1:1: output: "loud" is not allowed/],
    [
      'a section where a value belongs',
      'default_backend: {a: b}\n',
      /:1:1: default_backend: A section with keys is/,
    ],
    ['a bomb of aliases', bomb(), /config\.yaml:1:1: .*alias/],
    [
      'an endless section',
      Array.from({length: 60_000}, (_, i) => `k${i}: 1`).join('\n'),
      /more than 1,000 keys/,
    ],
    ['endless aliases', `a: &a 1\nb: [${'*a, '.repeat(50_000)}]`, /more than 1,000 aliases/],
    [
      'endless sections',
      'plugins:\n' + Array.from({length: 900}, (_, i) => `  p${i}: {a: 1, b: 2}\n`).join(''),
      /2,701 keys/,
    ],
    ['two documents', 'output: {}\n---\noutput: {}\n', /config\.yaml:2:1: A second document begins here/],
  ]
  for (const [name, text, message] of WRONG) {
    it(`may not hold ${name}: the message names file, line and column`, async () => {
      write(text)
      await assert.rejects(load(), (failure: Failure) => {
        assert.equal(failure.kind, 'config')
        assert.match(failure.message, message)
        return true
      })
    })
  }

  it('may lie elsewhere, by flag or environment; the flag wins', async () => {
    writeFileSync(join(home, 'a.yaml'), 'default_backend: a\n')
    writeFileSync(join(home, 'b.yaml'), 'default_backend: b\n')
    assert.equal((await load({CLINVK_CONFIG: 'a.yaml'})).default_backend, 'a')
    assert.equal((await load({CLINVK_CONFIG: 'a.yaml'}, 'b.yaml')).default_backend, 'b')
  })

  it('that were named must be there, and be a file', async () => {
    for (const failing of [load({}, 'no.yaml'), load({CLINVK_CONFIG: 'no.yaml'})]) {
      await assert.rejects(failing, {
        kind: 'config',
        message: `${join(home, 'no.yaml')} does not exist.`,
      })
    }

    mkdirSync(join(home, 'directory'))
    await assert.rejects(load({}, 'directory'), {kind: 'config', message: /directory cannot be read: /})
  })

  it('yield to the environment', async () => {
    write('default_backend: a\nbackends:\n  claude: {model: opus, enabled: true}\n')
    const settings = await load({CLINVK_BACKEND: 'b', CLINVK_CLAUDE_MODEL: 'haiku', CLINVK_CODEX_MODEL: 'x'})
    assert.equal(settings.default_backend, 'b')
    assert.deepEqual(settings.backends, {claude: {model: 'haiku', enabled: true}, codex: {model: 'x'}})
    assert.equal((await load({CLINVK_BACKEND: ''})).default_backend, 'a', 'an empty variable says nothing')
  })

  it('that are wrong end every prompt with exit code 3, as JSON where that was asked for', async () => {
    const user = new CliUser()
    try {
      user.write('.clinvk/config.yaml', 'output:\n  colour: true\n')
      const finished = await user.clinvk(['-b', 'echo', '--json', 'hello'])
      assert.equal(finished.code, 3)
      const {error, outcome} = json(finished) as {error: {message: string}; outcome: string}
      assert.equal(outcome, 'config')
      assert.match(error.message, /config\.yaml:2:3: output\.colour: there is no such setting\./)
      assert.deepEqual(user.sessions(), [])
    } finally {
      user.remove()
    }
  })

  /** A few lines that would unfold to a billion. */
  function bomb(): string {
    const levels = ['a: &a [x, x, x, x, x, x, x, x, x, x]']
    for (const [before, name] of ['ab', 'bc', 'cd', 'de', 'ef', 'fg', 'gh', 'hi'])
      levels.push(`${name}: &${name} [${Array<string>(10).fill(`*${before}`).join(', ')}]`)
    return `${levels.join('\n')}\n`
  }
})
