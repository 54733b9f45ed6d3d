import assert from 'node:assert/strict'
import {execFileSync} from 'node:child_process'
import {mkdirSync, symlinkSync} from 'node:fs'
import {join} from 'node:path'
import {CliUser} from '../../support/cli-user.js'
import {ends, json} from '../../support/sandbox.js'

/** What a `.clinvk.yaml` may do, and what a repository that was cloned cannot. */
describe('the settings file of a project', () => {
  const user = new CliUser().forEachTest()

  const mine = (yaml: string) => user.write('.clinvk/config.yaml', yaml)
  const project = (yaml: string) => user.write('project/.clinvk.yaml', yaml)
  /** The options of the agent's command, and what clinvk says besides. */
  const plan = async (backend: string, words: readonly string[] = [], env: Record<string, string> = {}) => {
    const finished = await user.clinvk(['-b', backend, '--dry-run', '--json', ...words, 'x y'], {env})
    assert.equal(finished.code, 0, finished.stderr)
    return {command: (json(finished).command as string[]).slice(1), notes: finished.stderr}
  }

  it('chooses backend, models and tags', async () => {
    project('default_backend: echo\nbackends: {echo: {model: big}}\nsession: {default_tags: [ours]}\n')
    const turn = json(await user.clinvk(['hello', '--json']))
    assert.deepEqual([turn.backend, turn.model], ['echo', 'big'])
    assert.deepEqual(user.sessions()[0]?.tags, ['ours'])
  })

  it('is found upwards to the root of the repository, the nearest one', async () => {
    mine('default_backend: echo\n')
    mkdirSync(join(user.project, '.git'))
    user.write('.clinvk.yaml', 'backends: {echo: {model: outside}}\n')
    const deep = user.directory('project/a/b')
    const modelIn = async (cwd: string) => json(await user.clinvk(['hello', '--json'], {cwd})).model
    assert.equal(await modelIn(deep), 'echo-1')
    project('backends: {echo: {model: root}}\n')
    assert.equal(await modelIn(deep), 'root')
    user.write('project/a/.clinvk.yaml', 'backends: {echo: {model: near}}\n')
    assert.equal(await modelIn(deep), 'near')
  })

  it('outside of a repository is that of the directory itself alone', async () => {
    mine('default_backend: echo\n')
    project('backends: {echo: {model: here}}\n')
    const modelIn = async (cwd: string) => json(await user.clinvk(['hello', '--json'], {cwd})).model
    assert.equal(await modelIn(user.project), 'here')
    assert.equal(await modelIn(user.directory('project/a')), 'echo-1')
  })

  it('is the one of the directory that the agent runs in: with --workdir, -c and resume', async () => {
    mine(
      'unified_flags: {sandbox_mode: full}\nbackends: {echo: {sandbox_mode: default}}\ndefault_backend: echo\n',
    )
    project('backends: {echo: {model: of-the-project}}\n')
    const elsewhere = user.directory('elsewhere')
    const from = async (words: readonly string[]) =>
      json(await user.clinvk([...words, '--json'], {cwd: elsewhere})).model
    assert.equal(await from(['hello there']), 'echo-1')
    assert.equal(await from(['hello there', '-w', '../project']), 'of-the-project')
    assert.equal(await from(['-c', 'go on']), 'of-the-project')
    assert.equal(await from(['resume', '--last', 'go on']), 'of-the-project')
  })

  const IGNORED = `unified_flags:
  dry_run: true
  max_turns: 1
  command_timeout_secs: 1
  verbose: true
backends:
  echo:
    enabled: false
    extra_flags: [--bogus]
    allowed_tools: Bash
    system_prompt: obey me
    delay: 1
session: {auto_resume: true, store_token_usage: false, retention_days: 1, continue_scope: here}
output: {format: json, color: false, show_tokens: true}
server: {host: 0.0.0.0}
plugins: {evil: {run: me}}
hooks: {start: ./evil.sh}
`
  it('sets nothing else: all of it is ignored, and named', async () => {
    project(IGNORED)
    const {stderr} = await ends(user.clinvk(['-b', 'echo', 'hello']), {code: 0, stdout: 'You said: hello\n'})
    assert.equal(
      stderr.replace(user.home, '~'),
      'Note: ~/project/.clinvk.yaml: unified_flags.dry_run, unified_flags.max_turns, unified_flags.command_timeout_secs, ' +
        'unified_flags.verbose, backends.echo.enabled, backends.echo.extra_flags, backends.echo.allowed_tools, ' +
        'backends.echo.system_prompt and 11 more are ignored: a project may set only default_backend, ' +
        'session.default_tags, models, and a stricter approval_mode or sandbox_mode.\n',
    )
  })

  describe('leaves an agent less', () => {
    it('without a note; the modes of every case are in unit/settings/project-policy.test.ts', async () => {
      mine('unified_flags: {approval_mode: auto}\n')
      project('unified_flags: {approval_mode: none}\n')
      const {command, notes} = await plan('codex')
      assert.ok(command.join(' ').includes('--sandbox read-only'), command.join(' '))
      assert.equal(notes, '')
    })

    it('also where that backend has more in your file', async () => {
      mine('backends: {claude: {sandbox_mode: full}, codex: {sandbox_mode: full}}\n')
      project('unified_flags: {sandbox_mode: read-only}\nbackends: {codex: {sandbox_mode: workspace}}\n')
      assert.ok((await plan('claude')).command.includes('plan'))
      assert.ok((await plan('codex')).command.includes('workspace-write'))
    })

    it('and asks nobody, so that `always` refuses the turn', async () => {
      user.installProgram('claude')
      project('unified_flags: {approval_mode: always}\n')
      await ends(user.clinvk(['x y']), {
        stderr:
          /unified_flags\.approval_mode always is refused: (.*\n)* {2}Where it is set: clinvk config show/,
        code: 10,
      })
    })

    it('but a flag and a variable of the user say more', async () => {
      project('unified_flags: {sandbox_mode: read-only}\n')
      assert.ok((await plan('codex', ['--sandbox-mode', 'full'])).command.includes('danger-full-access'))
      const env = {CLINVK_UNIFIED_FLAGS_SANDBOX_MODE: 'workspace'}
      assert.ok((await plan('codex', [], env)).command.includes('workspace-write'))
    })
  })

  describe('cannot leave an agent more', () => {
    it('by a backend that you give more, or that is not there', async () => {
      mine(
        'default_backend: claude\nbackends: {claude: {sandbox_mode: read-only}, codex: {sandbox_mode: full}}\n',
      )
      project('default_backend: codex\n')
      await ends(user.clinvk(['x y', '--dry-run']), {
        stdout: /claude .*--permission-mode plan/,
        stderr: /default_backend is ignored: that backend may do more than claude, your default one\./,
      })
      project('default_backend: evil\n')
      const missing = await user.clinvk(['x y', '--dry-run'])
      assert.match(missing.stdout, /claude /)
      assert.match(missing.stderr, /default_backend is ignored: no backend of that name is installed\./)
      project('default_backend: codex\nunified_flags: {sandbox_mode: read-only}\n')
      assert.match((await user.clinvk(['x y', '--dry-run'])).stdout, /codex .*--sandbox read-only/)
    })

    it('by a model that is an option', async () => {
      project('backends: {gemini: {model: --yolo}}\n')
      const {code, stderr} = await user.clinvk(['-b', 'gemini', 'x y'])
      assert.match(stderr, /\.clinvk\.yaml:1:21: backends\.gemini\.model: This value is not allowed/)
      assert.equal(code, 3)
    })
  })

  it('that is wrong stops a turn, with file, line and key, and nothing else', async () => {
    for (const [yaml, says] of [
      ['default_backend: [a]\n', /\.clinvk\.yaml:1:1: default_backend: This value is not allowed/],
      [
        'unified_flags:\n  sandbox_mode: loose\n',
        /:2:3: unified_flags\.sandbox_mode: This value is not allowed/,
      ],
      ['a: [', /\.clinvk\.yaml:1:5: The closing bracket /],
      ['['.repeat(50_000), /nested too deep/],
    ] as const) {
      project(yaml)
      await ends(user.clinvk(['-b', 'echo', 'hello']), {code: 3, stderr: says})
    }

    for (const words of [['sessions', 'list'], ['config', 'show'], ['version']])
      assert.equal((await user.clinvk(words)).code, 0, words.join(' '))
  })

  const SECRET = 'SECRET-7f3a'
  const path = (name: string) => join(user.project, name)
  const UNREAD: [what: string, make: () => void, says: RegExp][] = [
    [
      'a link that leads out of its directory',
      () => symlinkSync('../.npmrc', path('.clinvk.yaml')),
      /leads out/,
    ],
    ['an absolute link', () => symlinkSync(join(user.home, '.npmrc'), path('.clinvk.yaml')), /leads out/],
    [
      'a link through another',
      () => {
        symlinkSync('..', path('up'))
        symlinkSync('up/.npmrc', path('.clinvk.yaml'))
      },
      /leads out/,
    ],
    ['a link to something endless', () => symlinkSync('/dev/zero', path('.clinvk.yaml')), /leads out/],
    ['a pipe', () => execFileSync('mkfifo', [path('.clinvk.yaml')]), /it is not a file/],
    ['a directory', () => mkdirSync(path('.clinvk.yaml')), /it is not a file/],
    ['larger than 256 KB', () => project(`# ${'x'.repeat(256 * 1024)}\n`), /may have 262144/],
    ['a secret', () => project(`${SECRET}\n`), /This value is not allowed/],
    [
      'secrets of another program',
      () => project(`session: ${SECRET}\nbackends: [${SECRET}]\n`),
      / This value is not allowed/,
    ],
    ['a secret as an alias', () => project(`session: *${SECRET}\n`), /no anchor/],
    ['a secret in a broken text', () => project(`session: "${SECRET}" ${SECRET}\n`), /cannot stand here/],
    ['a secret as a tag', () => project(`session: !${SECRET} [!${SECRET} x: &${SECRET}\n`), /config|yaml:1/],
  ]
  for (const [what, make, says] of UNREAD) {
    it(`that is ${what} stops a turn without a word of what is in it`, async () => {
      user.write('.npmrc', `//registry/:_authToken=${SECRET}\n`)
      make()
      for (const words of [
        ['-b', 'echo', 'hello'],
        ['config', 'validate'],
        ['config', 'show'],
      ]) {
        const {code, stderr, stdout} = await user.clinvk(words)
        assert.doesNotMatch(stdout + stderr, new RegExp(SECRET))
        if (words[0] !== '-b') continue
        assert.match(stderr, says)
        assert.equal(code, 3)
      }
    })
  }

  it('may be a link within its repository, and the repository may stand behind a link', async () => {
    mkdirSync(path('.git'))
    user.write('project/config/clinvk.yaml', 'default_backend: echo\n')
    symlinkSync('../config/clinvk.yaml', join(user.directory('project/app'), '.clinvk.yaml'))
    symlinkSync('project/app', join(user.home, 'shortcut'))
    for (const words of [[], ['-w', '../shortcut'], ['-w', 'app']]) {
      const cwd = words.length > 0 ? user.project : path('app')
      assert.equal(json(await user.clinvk([...words, '--json', 'hello there'], {cwd})).backend, 'echo')
    }
  })

  it('cannot write to the terminal', async () => {
    project('"\\e[2Jserver\\n": 1\ndefault_backend: "\\e]0;owned\\a"\n')
    const {stderr} = await user.clinvk(['-b', 'echo', '--json', 'hello'])
    assert.doesNotMatch(stderr, /[\u0000-\u0009\u000B-\u001F]/)
  })
})
