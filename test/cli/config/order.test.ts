import assert from 'node:assert/strict'
import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {CliUser} from '../../support/cli-user.js'
import {ends, json, ROOT} from '../../support/sandbox.js'

describe('a setting', () => {
  const user = new CliUser().forEachTest()

  const model = async (words: readonly string[], env: Record<string, string> = {}) =>
    json(await user.clinvk([...words, '-b', 'echo', '--json', 'hello'], {env})).model

  it('comes from a flag, else a variable, else the project, else the user, else the default', async () => {
    assert.equal(await model([]), 'echo-1')
    user.write('.clinvk/config.yaml', 'backends: {echo: {model: of-the-user}}\n')
    assert.equal(await model([]), 'of-the-user')
    user.write('project/.clinvk.yaml', 'backends: {echo: {model: of-the-project}}\n')
    assert.equal(await model([]), 'of-the-project')
    const env = {CLINVK_ECHO_MODEL: 'of-a-variable'}
    assert.equal(await model([], env), 'of-a-variable')
    assert.equal(await model(['-m', 'of-a-flag'], env), 'of-a-flag')
  })

  it('has a variable: its key in capitals', async () => {
    const env = {
      CLINVK_UNIFIED_FLAGS_APPROVAL_MODE: 'auto',
      CLINVK_UNIFIED_FLAGS_MAX_TURNS: '7',
      CLINVK_SESSION_AUTO_RESUME: 'true',
      CLINVK_SESSION_DEFAULT_TAGS: 'a, b',
      CLINVK_BACKENDS_CLAUDE_EXTRA_FLAGS: '["--effort", "high, or so"]',
      CLINVK_BACKENDS_ECHO_DELAY: '3',
      CLINVK_OUTPUT_COLOR: '0',
      CLINVK_PARALLEL_MAX_WORKERS: '9',
      CLINVK_BACKENDS_CODEX_MODEL: '',
    }
    const {settings} = json(await user.clinvk(['config', 'show', '--json'], {env})) as {
      settings: Record<string, {value: unknown; variable?: string}>
    }
    const fromVariables = Object.entries(settings).filter(([, {variable}]) => variable !== undefined)
    assert.deepEqual(
      fromVariables.map(([key, {value, variable}]) => [key, value, variable]),
      [
        ['unified_flags.approval_mode', 'auto', 'CLINVK_UNIFIED_FLAGS_APPROVAL_MODE'],
        ['unified_flags.max_turns', 7, 'CLINVK_UNIFIED_FLAGS_MAX_TURNS'],
        ['session.auto_resume', true, 'CLINVK_SESSION_AUTO_RESUME'],
        ['session.default_tags', ['a', 'b'], 'CLINVK_SESSION_DEFAULT_TAGS'],
        ['output.color', false, 'CLINVK_OUTPUT_COLOR'],
        ['parallel.max_workers', 9, 'CLINVK_PARALLEL_MAX_WORKERS'],
        ['backends.echo.delay', 3, 'CLINVK_BACKENDS_ECHO_DELAY'],
        ['backends.claude.extra_flags', ['--effort', 'high, or so'], 'CLINVK_BACKENDS_CLAUDE_EXTRA_FLAGS'],
      ],
    )
  })

  it('has the names of clinvoker, too; the whole name beats them', async () => {
    const env = {CLINVK_BACKEND: 'echo', CLINVK_ECHO_MODEL: 'short'}
    const short = json(
      await user.clinvk(['hello', 'x'].slice(0, 1), {env: {...env, CLINVK_OUTPUT_FORMAT: 'json'}}),
    )
    assert.deepEqual([short.backend, short.model], ['echo', 'short'])
    const whole = {CLINVK_DEFAULT_BACKEND: 'echo', CLINVK_BACKENDS_ECHO_MODEL: 'whole'}
    const long = json(await user.clinvk('"x y" --json', {env: {...env, CLINVK_BACKEND: 'codex', ...whole}}))
    assert.deepEqual([long.backend, long.model], ['echo', 'whole'])
  })

  it('that is wrong in a variable stops a turn and names the variable', async () => {
    const finished = await user.clinvk(['-b', 'echo', '--json', 'hello'], {
      env: {CLINVK_GEMINI_MODEL: '--yolo'},
    })
    assert.equal(finished.code, 3)
    assert.equal(
      (json(finished).error as {message: string}).message,
      'CLINVK_GEMINI_MODEL: backends.gemini.model: "--yolo" is not allowed. Allowed: text that does not begin with -.',
    )
    assert.deepEqual(user.sessions(), [])
  })

  it('that a variable nearly names is not set in silence', async () => {
    const env = {CLINVK_SESION_AUTO_RESUME: 'true', CLINVK_OUTPUT_X: '1', CLINVK_FOO: '1'}
    await ends(user.clinvk(['-b', 'echo', 'hello'], {env}), {
      code: 0,
      stderr:
        'Note: CLINVK_SESION_AUTO_RESUME has no effect: there is no such variable. Did you mean CLINVK_SESSION_AUTO_RESUME?\n' +
        'Note: CLINVK_OUTPUT_X has no effect: there is no such setting.\n',
    })
  })

  it('of a backend or plugin that is not installed gives one note, and stops nothing', async () => {
    user.write(
      '.clinvk/config.yaml',
      'backends:\n  qwen: {model: x, anything: 1}\nplugins:\n  ledger: {currency: EUR, places: 2}\n  sessions: {x: 1}\nserver: {port: 1}\n',
    )
    const {stderr} = await ends(user.clinvk(['-b', 'echo', 'hello']), {code: 0})
    assert.deepEqual(stderr.replaceAll(user.home, '~').trimEnd().split('\n'), [
      'Note: ~/.clinvk/config.yaml:2:10: backends.qwen has no effect: no backend of that name is installed.',
      'Note: ~/.clinvk/config.yaml:4:12: plugins.ledger has no effect: no plugin of that name is installed.',
    ])
  })

  it('of an installed backend must be one that it has', async () => {
    user.write('.clinvk/config.yaml', 'backends:\n  echo: {dealy: 3}\n')
    await ends(user.clinvk(['-b', 'echo', 'hello']), {
      code: 3,
      stderr:
        /config\.yaml:2:10: backends\.echo\.dealy: there is no such setting\.\n {2}Did you mean: backends\.echo\.delay\n/,
    })
  })

  it('is as clinvoker has written it: a file of its own works unchanged', async () => {
    // What `config set` of 0.2.0 leaves: texts for numbers and switches, empty texts for what is not set.
    user.write('.clinvk/config.yaml', readFileSync(join(ROOT, 'test/fixtures/settings/clinvoker.yaml')))
    const finished = await ends(user.clinvk(['hello']), {code: 0, stderr: ''})
    assert.equal(json(finished).content, 'You said: hello')
    assert.deepEqual(user.sessions()[0]?.tags, ['team', 'mine'])
    await ends(user.clinvk(['config', 'get', 'unified_flags.max_turns']), {stdout: '0\n'})
  })
})
