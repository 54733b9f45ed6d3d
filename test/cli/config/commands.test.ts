import assert from 'node:assert/strict'
import {chmodSync, existsSync, lstatSync, readdirSync, readFileSync, statSync, symlinkSync} from 'node:fs'
import {join} from 'node:path'
import {CliUser} from '../../support/cli-user.js'
import {ends, json, ROOT} from '../../support/sandbox.js'

describe('clinvk config', () => {
  const user = new CliUser().forEachTest()
  let file: string
  beforeEach(() => (file = join(user.home, '.clinvk/config.yaml')))

  const config = (words: readonly string[], env: Record<string, string> = {}) =>
    user.clinvk(['config', ...words], {env})
  const write = (yaml: string) => user.write('.clinvk/config.yaml', yaml)
  const text = () => readFileSync(file, 'utf8')

  it('set, print and remove prices of a model whose name has dots', async () => {
    for (const [rate, value] of [
      ['input', '1.25'],
      ['output', '10'],
    ])
      assert.equal((await user.clinvk(['config', 'set', `prices.gpt-5.5.${rate}`, value!])).code, 0)
    assert.equal((await user.clinvk(['config', 'get', 'prices.gpt-5.5.input'])).stdout, '1.25\n')
    await ends(user.clinvk(['config', 'set', 'prices.gpt-5.5.input', '-1']), {
      stderr: /prices\.gpt-5\.5\.input: "-1" is not allowed\. Allowed: a number, 0 or more\./,
    })
    await user.clinvk(['config', 'unset', 'prices.gpt-5.5'])
    assert.equal((await user.clinvk(['config', 'get', 'prices'])).stdout, '')
  })

  it('alone shows what it can do', async () => {
    const {stdout} = await ends(config([]), {code: 0})
    for (const name of ['edit', 'get', 'init', 'path', 'set', 'show', 'unset', 'validate'])
      assert.match(stdout, RegExp(`^  config ${name} `, 'm'))
  })

  describe('show', () => {
    it('names every value and where it comes from', async () => {
      write('# mine\nsession:\n  retention_days: 7\nserver:\n  port: 9000\n')
      user.write('project/.clinvk.yaml', 'unified_flags:\n  sandbox_mode: read-only\n')
      const {stdout} = await ends(config(['show'], {CLINVK_CLAUDE_MODEL: 'opus'}), {code: 0, stderr: ''})
      const lines = stdout.split('\n').map((line) => line.replaceAll(/ {2,}#/g, ' #'))
      for (const line of [
        `# user file: ${file}`,
        `# project file: ${join(user.project, '.clinvk.yaml')}`,
        'default_backend: claude # default',
        '  sandbox_mode: read-only # project file, line 2',
        '    model: opus # CLINVK_CLAUDE_MODEL',
        '  retention_days: 7 # user file, line 3',
        'server: # for the server plugin',
        '  port: 9000 # user file, line 5',
      ])
        assert.ok(lines.includes(line), `${line} is missing in\n${stdout}`)
    })

    it('prints settings that could stand in a file', async () => {
      write(
        'backends:\n  claude:\n    system_prompt: "Be: brief #1\\nand kind"\n    extra_flags: [--effort, "true"]\n',
      )
      user.write('copy.yaml', (await config(['show'])).stdout)
      const copy = json(await config(['show', '--json', '--config', join(user.home, 'copy.yaml')]))
      const settings = copy.settings as Record<string, {value: unknown}>
      assert.equal(settings['backends.claude.system_prompt']?.value, 'Be: brief #1\nand kind')
      assert.deepEqual(settings['backends.claude.extra_flags']?.value, ['--effort', 'true'])
    })

    it('prints JSON', async () => {
      write('output: {color: false}\n')
      const shown = json(await config(['show', '--json'], {CLINVK_BACKEND: 'echo'}))
      assert.deepEqual(
        [shown.file, shown.file_exists, shown.project_file, shown.backends, shown.problems, shown.warnings],
        [file, true, null, ['claude', 'codex', 'echo', 'gemini', 'opencode'], [], []],
      )
      const settings = shown.settings as Record<string, object>
      assert.deepEqual(settings['output.color'], {value: false, source: 'user', file, line: 1, column: 10})
      assert.deepEqual(settings.default_backend, {
        value: 'echo',
        source: 'environment',
        variable: 'CLINVK_BACKEND',
      })
      assert.deepEqual(settings['session.retention_days'], {value: 30, source: 'default'})
    })

    it('runs on any file, and says what is wrong with it', async () => {
      write('output: {colour: true, format: json}\n')
      await ends(config(['show']), {
        code: 0,
        stdout: /^ {2}format: json +# user file, line 1$/m,
        stderr:
          /config\.yaml:1:10: output\.colour: there is no such setting\.\n {2}Did you mean: output\.color\n/,
      })
      write('{')
      for (const words of [['show'], ['get', 'output.format'], ['path'], ['--help']])
        assert.equal((await config(words)).code, 0, words.join(' '))
      for (const words of [['--help'], ['version'], ['plugins'], ['help', 'config', 'set']])
        assert.equal((await user.clinvk(words)).code, 0, words.join(' '))
      assert.equal((await user.clinvk(['-b', 'echo', 'hello'])).code, 3)
    })
  })

  describe('get', () => {
    it('prints one value, as it can be set again', async () => {
      write('session: {default_tags: [a, "b,c"]}\nbackends: {claude: {model: opus}}\nserver: {port: 9000}\n')
      for (const [key, value] of [
        ['default_backend', 'claude\n'],
        ['session.default_tags', '["a","b,c"]\n'],
        ['backends.claude.model', 'opus\n'],
        ['backends.codex.model', ''],
        ['backends.echo.delay', ''],
        ['server.port', '9000\n'],
        ['server.host', ''],
      ] as const) {
        const {code, stdout} = await config(['get', key])
        assert.deepEqual({key, code, stdout}, {key, code: 0, stdout: value})
      }

      assert.deepEqual(json(await config(['get', 'backends.codex.model', '--json'])), {
        key: 'backends.codex.model',
        value: null,
        source: 'default',
      })
    })

    it('prints a section', async () => {
      write('session: {auto_resume: true}\n')
      await ends(config(['get', 'session']), {
        stdout: /^session:\n {2}auto_resume: true +# user file, line 1\n {2}continue_scope: any +# default\n/,
      })
      const {settings} = json(await config(['get', 'session', '--json'])) as {settings: object}
      assert.equal(Object.keys(settings).length, 6)
    })

    it('suggests the setting that was meant', async () => {
      for (const [key, near] of Object.entries({
        'session.auto_resum': 'session.auto_resume',
        auto_resume: 'session.auto_resume',
        'sesion.auto_resume': 'session.auto_resume',
        'backends.claude.modle': 'backends.claude.model',
        'backends.echo.dely': 'backends.echo.delay',
      })) {
        const {stderr} = await ends(config(['get', key]), {code: 1})
        assert.ok(stderr.startsWith(`Error: Unknown setting "${key}".\n  Did you mean: ${near}\n`), stderr)
      }
    })
  })

  describe('set', () => {
    it('makes the file, for its owner alone', async () => {
      const {code, stderr, stdout} = await config(['set', 'default_backend', 'echo'])
      assert.deepEqual(
        {code, stderr, stdout},
        {code: 0, stderr: '', stdout: `Set default_backend = echo in ${file}\n`},
      )
      assert.equal(text(), 'default_backend: echo\n')
      assert.equal(statSync(file).mode & 0o777, 0o600)
      assert.equal((await user.clinvk(['hello there'])).stdout, 'You said: hello there\n')
    })

    it('keeps comments, order and everything else, and takes away the rights of others', async () => {
      write(FILE)
      chmodSync(file, 0o644)
      for (const words of [
        ['session.retention_days', '7'],
        ['session.default_tags', '["a,b", "c"]'],
        ['output.format', 'json'],
        ['backends.claude.model', 'opus'],
        ['backends.gemini.enabled', 'no'],
      ])
        assert.equal((await config(['set', ...words])).code, 0)
      assert.equal(text(), FILE_AFTERWARDS)
      assert.equal(statSync(file).mode & 0o777, 0o600)
      assert.deepEqual(readdirSync(join(user.home, '.clinvk')), ['config.yaml'], 'no temporary file is left')
    })

    it('takes lists as JSON and with commas, switches in many words', async () => {
      for (const [key, value, wanted] of [
        ['session.default_tags', 'work, urgent', '["work","urgent"]'],
        ['session.default_tags', '["with, comma"]', '["with, comma"]'],
        ['session.default_tags', '[]', '[]'],
        ['session.auto_resume', 'YES', 'true'],
        ['session.auto_resume', '0', 'false'],
        ['backends.claude.extra_flags', '["--effort", "high"]', '["--effort","high"]'],
        ['backends.echo.delay', '12', '12'],
        ['backends.claude.system_prompt', 'true', 'true'],
        ['backends.claude.system_prompt', '- "#1": be\tbrief\n', '- "#1": be\tbrief\n'],
      ] as const) {
        await ends(config(['set', key, '--', value]), {code: 0})
        assert.equal((await config(['get', key])).stdout, `${wanted}\n`)
      }
    })

    it('refuses a wrong value or key and writes nothing', async () => {
      const list = 'session.default_tags'
      for (const [key, value, says] of [
        ['session.auto_resume', 'maybe', 'auto_resume: "maybe" is not allowed. Allowed: true, false.'],
        ['unified_flags.max_turns', '-3', '"-3" is not allowed. Allowed: a whole number, 0 or more.'],
        ['unified_flags.sandbox_mode', 'readonly', 'Did you mean: read-only'],
        [list, '[1]', 'session.default_tags.0: 1 is not allowed. Allowed: text.'],
        [list, '[a', 'session.default_tags: "[a" is not allowed. Allowed: a list of texts.'],
        ['backends.claude.model', '--yolo', 'Allowed: text that does not begin with -.'],
        ['backends.claude.model', '', 'not set.\n  Try: clinvk config unset backends.claude.model'],
        ['session', 'x', 'session is a section. Name one setting in it.\n  See: clinvk config get session'],
        ['session.nothing', 'x', 'Unknown setting "session.nothing".'],
        ['backends.claude.delay', '1', 'Did you mean: backends.echo.delay'],
        ['', 'x', 'Unknown setting "".'],
      ] as const) {
        const {stderr} = await ends(config(['set', key, '--', value]), {code: 1})
        assert.ok(stderr.includes(says), stderr)
        assert.ok(!existsSync(file))
      }
    })

    it('writes the file that it was told to, and nothing from the environment', async () => {
      const env = {CLINVK_BACKEND: 'codex', CLINVK_CLAUDE_MODEL: 'opus', CLINVK_OUTPUT_FORMAT: 'json'}
      const other = join(user.project, 'other.yaml')
      await config(['set', 'session.auto_resume', 'true', '--config', 'other.yaml'], env)
      await config(['set', 'session.retention_days', '3'], {...env, CLINVK_CONFIG: other})
      assert.equal(readFileSync(other, 'utf8'), 'session:\n  auto_resume: true\n  retention_days: 3\n')
      assert.ok(!existsSync(file))
    })

    it('says when the value has no effect, because something outweighs it', async () => {
      await ends(config(['set', 'output.format', 'text'], {CLINVK_OUTPUT_FORMAT: 'json'}), {
        code: 0,
        stderr: 'Note: CLINVK_OUTPUT_FORMAT takes precedence here.\n',
      })
    })

    it('leaves a link a link', async () => {
      const real = user.write('dotfiles/clinvk.yaml', '# mine\n')
      user.directory('.clinvk')
      symlinkSync(real, file)
      assert.equal((await config(['set', 'default_backend', 'echo'])).code, 0)
      assert.ok(lstatSync(file).isSymbolicLink())
      assert.equal(readFileSync(real, 'utf8'), '# mine\n\ndefault_backend: echo\n')
    })

    it('works on a file that is wrong elsewhere, but not on one that is no YAML', async () => {
      write('output:\n  format: xml\n')
      const {code, stderr} = await config(['set', 'default_backend', 'echo'])
      assert.equal(code, 0)
      assert.match(stderr, /output\.format: "xml" is not allowed/)
      assert.equal((await config(['set', 'output.format', 'json'])).stderr, '')
      write('output: [\n')
      const broken = await config(['set', 'default_backend', 'echo'])
      assert.match(broken.stderr, /^Error: .*config\.yaml:1:\d+: .*\n {2}Correct it: clinvk config edit\n/)
      assert.equal(broken.code, 3)
      assert.equal(text(), 'output: [\n')
    })

    it('does no harm to what it cannot change', async () => {
      const yaml = 'session: &s\n  auto_resume: &on true\noutput:\n  color: *on\n'
      write(yaml)
      const {code, stderr} = await config(['set', 'session.auto_resume', 'false'])
      assert.match(stderr, /cannot change safely\.\n {2}Change it yourself: clinvk config edit/)
      assert.equal(code, 3)
      assert.equal(text(), yaml)
    })
  })

  describe('unset', () => {
    it('takes a key out, and leaves what was written above it', async () => {
      write(FILE)
      const {code, stdout} = await config(['unset', 'session.retention_days'])
      assert.deepEqual({code, stdout}, {code: 0, stdout: `Removed session.retention_days from ${file}\n`})
      assert.equal(text(), FILE.replace('    retention_days: 14 # two weeks\n', ''))
      assert.equal((await config(['get', 'session.retention_days'])).stdout, '30\n')
    })

    it('takes out sections, and keys that clinvk does not know', async () => {
      write('session: {auto_resum: true, retention_days: 3}\noutput:\n  color: false\n')
      assert.equal((await config(['unset', 'session.auto_resum'])).code, 0)
      assert.equal((await config(['unset', 'output'])).code, 0)
      assert.equal(text(), 'session: {retention_days: 3}\n')
      assert.equal((await config(['unset', 'session.retention_days'])).code, 0)
      assert.equal(text(), '')
    })

    it('says when there is nothing to take out', async () => {
      await ends(config(['unset', 'output.color']), {code: 0, stdout: `output.color is not set in ${file}\n`})
      assert.equal((await config(['unset', 'output.colour'])).code, 1)
    })
  })

  describe('init', () => {
    it('writes a file in which everything is explained and nothing is set', async () => {
      assert.equal((await config(['init'])).code, 0)
      assert.equal(statSync(file).mode & 0o777, 0o600)
      assert.match(
        text(),
        / {2}# Days that sessions clean keeps sessions; 0: it deletes nothing\.\n {2}# retention_days: 30\n/,
      )
      await ends(config(['validate']), {code: 0, stderr: ''})
      const {settings} = json(await config(['show', '--json'])) as {
        settings: Record<string, {source: string}>
      }
      assert.deepEqual([...new Set(Object.values(settings).map(({source}) => source))], ['default'])
    })

    it('is right with every line of it in force', async () => {
      await config(['init'])
      write(text().replaceAll(/^( *)# (?=[ a-z_]+: ?[^ ]*( #.*)?$|[ a-z_]+: [["])/gm, '$1'))
      await ends(config(['validate']), {code: 0, stderr: '', stdout: `Valid: ${file}\n`})
      assert.equal((await config(['get', 'backends.gemini.enabled'])).stdout, 'false\n')
    })

    it('has every section, and unset undoes what set has done to it', async () => {
      await config(['init'])
      const fresh = text()
      for (const section of ['session', 'server', 'plugins', 'trust'])
        assert.match(fresh, RegExp(`^${section}:$`, 'm'))
      await config(['set', 'session.auto_resume', 'true'])
      await config(['set', 'session.default_tags', 'a,b'])
      await config(['set', 'backends.claude.model', 'opus'])
      await config(['unset', 'backends.claude.model'])
      await config(['unset', 'session'])
      assert.equal(text(), fresh)
      assert.match((await config(['unset', 'session'])).stdout, /^session is not set/)
    })

    it('overwrites nothing', async () => {
      write('default_backend: echo\n')
      const {code, stderr} = await config(['init'])
      assert.equal(stderr, `Error: ${file} exists already.\n  Change it: clinvk config edit\n`)
      assert.equal(code, 1)
      assert.equal(text(), 'default_backend: echo\n')
    })
  })

  describe('path', () => {
    it('prints the file, also where there is none yet', async () => {
      assert.equal((await config(['path'])).stdout, `${file}\n`)
      assert.equal((await config(['path', '--config', 'x.yaml'])).stdout, `${join(user.project, 'x.yaml')}\n`)
      assert.equal((await config(['path'], {CLINVK_CONFIG: '/y.yaml'})).stdout, '/y.yaml\n')
      assert.equal((await config(['path'], {CLINVK_HOME: '/z'})).stdout, '/z/config.yaml\n')
      assert.deepEqual(json(await config(['path', '--json'])), {
        file,
        file_exists: false,
        project_file: null,
      })
    })
  })

  describe('validate', () => {
    it('names all that is wrong, in files and variables', async () => {
      write('outptu: {}\nsession:\n  retention_days: -1\nbackends: {clade: {model: x}}\n')
      user.write('project/.clinvk.yaml', 'default_backend: 7\noutput: {color: false}\n')
      const {stderr} = await ends(config(['validate'], {CLINVK_OUTPUT_COLOR: 'blue'}), {code: 3, stdout: ''})
      assert.deepEqual(stderr.replaceAll(user.home, '~').trimEnd().split('\n'), [
        'Error: ~/.clinvk/config.yaml:3:3: session.retention_days: -1 is not allowed. Allowed: a whole number from 0 to 999999.',
        'Error: ~/.clinvk/config.yaml:1:1: outptu: there is no such setting.',
        '  Did you mean: output',
        'Error: ~/project/.clinvk.yaml:1:1: default_backend: This value is not allowed. Allowed: text.',
        'Error: CLINVK_OUTPUT_COLOR: output.color: "blue" is not allowed. Allowed: true, false.',
        'Note: ~/project/.clinvk.yaml: output.color is ignored: a project may set only default_backend, session.default_tags, models, and a stricter approval_mode or sandbox_mode.',
        'Note: ~/.clinvk/config.yaml:4:20: backends.clade has no effect: no backend of that name is installed. Did you mean claude?',
      ])
    })

    it('checks another file, and prints JSON', async () => {
      const path = user.write('project/other.yaml', 'output:\n  color: maybe\n')
      const finished = await ends(config(['validate', 'other.yaml', '--json']), {code: 3})
      assert.deepEqual(json(finished), {
        valid: false,
        files: [path],
        problems: [
          {
            key: 'output.color',
            message: '"maybe" is not allowed. Allowed: true, false.',
            hints: [],
            source: 'user',
            file: path,
            line: 2,
            column: 3,
          },
        ],
        warnings: [],
      })
      await ends(config(['validate', 'no.yaml']), {code: 3, stderr: /no\.yaml does not exist\./})
    })

    it('is content without any file', async () => {
      await ends(config(['validate']), {
        code: 0,
        stdout: 'Valid: there is no settings file, the defaults are in force\n',
      })
    })
  })
})

const [FILE, FILE_AFTERWARDS] = ['commented', 'commented-after-set'].map((name) =>
  readFileSync(join(ROOT, `test/fixtures/settings/${name}.yaml`), 'utf8'),
) as [string, string]
