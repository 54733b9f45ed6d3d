import assert from 'node:assert/strict'
import {existsSync, readdirSync} from 'node:fs'
import {join} from 'node:path'
import {schemaFor} from 'clinvk-kit/settings/schema'
import {namedSettings} from 'clinvk-kit/settings/setting'
import {CliUser} from '../../support/cli-user.js'
import {filesIn} from '../../support/files-in.js'
import {linkKeeperAgent, stop} from '../../support/keeper-agent.js'
import {ends, json} from '../../support/sandbox.js'

/** A prompt in a new session, and two ways to continue it. */
const PROMPTS = [
  ['-b', 'echo', 'x y'],
  ['-c', 'x y'],
  ['resume', '--last', 'x y'],
]

/** Each setting does what the reference page says, in a new session, with `-c` and with `resume`. */
describe('the setting', () => {
  const user = new CliUser().forEachTest()

  const configure = (yaml: string) => user.write('.clinvk/config.yaml', yaml)
  const command = async (backend: string, words: readonly string[] = ['x y']) => {
    const finished = await user.clinvk([...words, ...(backend ? ['-b', backend] : []), '--dry-run', '--json'])
    assert.equal(finished.code, 0, finished.stderr)
    return (json(finished).command as string[]).join(' ')
  }

  const effects: Record<string, () => Promise<void>> = {
    async default_backend() {
      configure('default_backend: echo\n')
      assert.equal((await user.clinvk(['x y'])).stdout, 'You said: x y\n')
      configure('default_backend: claud\n')
      const {code, stderr} = await user.clinvk(['x y'])
      const unknown = 'Unknown backend "claud", which the setting default_backend names.'
      assert.match(
        stderr,
        RegExp(`^Error: ${unknown} Available: .*\n  Did you mean: claude\n  Where it is set: `),
      )
      assert.equal(code, 2)
      assert.match((await user.clinvk('config validate')).stderr, /^Note: default_backend: Unknown .*"claud"/)
      const refused = await user.clinvk(['config', 'set', 'default_backend', 'nobody'])
      assert.match(refused.stderr, /^Error: Unknown backend "nobody"\. Available: /)
      assert.equal((await user.clinvk(['config', 'get', 'default_backend'])).stdout, 'claud\n')
    },

    async 'history.archive'() {
      linkKeeperAgent(user)
      const archive = join(user.home, '.clinvk/archive/keeper')
      configure('history: {archive: off}\n')
      await user.clinvk(['-b', 'keeper', 'x y'])
      assert.equal(existsSync(archive), false)
      configure('history: {archive: sessions}\n')
      await user.clinvk(['-b', 'keeper', 'x y'])
      assert.equal(readdirSync(archive).length, 1)
    },

    async 'history.max_size'() {
      linkKeeperAgent(user)
      configure('history: {max_size: 1 GB}\n')
      await ends(user.clinvk(['config', 'validate']), {code: 3, stderr: /a size such as 5 GiB/})
      configure('history: {max_size: 0.001 KiB}\n')
      await user.clinvk(['-b', 'keeper', 'x y'])
      assert.equal(existsSync(join(user.home, '.clinvk/archive/keeper')), false)
    },

    async 'handoff.max_tokens'() {
      linkKeeperAgent(user)
      linkKeeperAgent(user, 'scribe')
      configure('handoff: {max_tokens: 10}\n')
      for (const words of ['-b keeper "x y"', '-c "and z"']) await user.clinvk(words)
      await ends(user.clinvk(['fork', '@last', '-b', 'scribe', 'on']), {stderr: /Carried 2 of 4 messages/})
    },

    async 'unified_flags.approval_mode'() {
      configure('unified_flags: {approval_mode: auto}\n')
      assert.match(await command('claude'), / --permission-mode acceptEdits( |$)/)
      assert.match(await command('gemini'), / --approval-mode auto_edit( |$)/)
      assert.match(await command('codex', ['x y', '--approval-mode', 'default']), /^(?!.*--sandbox)/)
    },

    async 'unified_flags.sandbox_mode'() {
      configure('unified_flags: {sandbox_mode: workspace}\n')
      assert.match(await command('codex'), / --sandbox workspace-write /)
      user.installProgram('claude')
      const {code, stderr} = await user.clinvk(['-b', 'claude', 'x y'])
      const next = 'For claude alone: clinvk config set backends.claude.sandbox_mode VALUE\n'
      assert.match(
        stderr,
        RegExp(`^Error: unified_flags.sandbox_mode workspace is refused: .*\n.*\n  ${next}`),
      )
      assert.equal(code, 10)
      const warned = `unified_flags.sandbox_mode is workspace, so prompts to claude are refused. ${next}`
      assert.ok((await user.clinvk(['config', 'validate'])).stderr.includes(`Note: ${warned}`))
      assert.ok((await user.clinvk(['doctor'])).stdout.includes(`warning   ${warned}`))
      configure('backends: {claude: {approval_mode: always}}\n')
      const own = (await user.clinvk(['-b', 'claude', 'x y'])).stderr
      assert.match(own, /^Error: backends\.claude\.approval_mode always is refused/)
    },

    async 'unified_flags.max_turns'() {
      configure('unified_flags: {max_turns: 4}\n')
      assert.match(await command('claude'), / --max-turns 4( |$)/)
      assert.match(await command('claude', ['x y', '--max-turns', '2']), / --max-turns 2( |$)/)
      const {code, stderr} = await user.clinvk(['-b', 'echo', 'x y'])
      assert.match(stderr, /Note: unified_flags\.max_turns has no effect on echo/)
      assert.equal(code, 0)
    },

    // The agent that tells its tokens while it runs is in max-tokens.test.ts.
    async 'unified_flags.max_tokens'() {
      configure('unified_flags: {max_tokens: 1}\n')
      await ends(user.clinvk(['-b', 'echo', 'x y']), {
        code: 0,
        stderr:
          /Note: unified_flags\.max_tokens has no effect on echo: Echo does not report its tokens while it runs\./,
      })
    },

    async 'unified_flags.wait_for_reset'() {
      linkKeeperAgent(user)
      configure('unified_flags: {wait_for_reset: soon}\n')
      await ends(user.clinvk(['config', 'validate']), {code: 3, stderr: /a duration such as 20m or 6h/})
      configure('unified_flags: {wait_for_reset: 1m}\n')
      const words = ['-b', 'keeper', 'x y']
      for (const [more, code] of [
        [[], 0],
        [['--wait-for-reset', '0'], 9],
      ] as const) {
        stop(user, 'keeper', {outcome: 'rate_limit', resetsInMs: 100})
        assert.equal((await user.clinvk([...words, ...more])).code, code)
      }
    },

    async 'unified_flags.command_timeout_secs'() {
      configure('unified_flags: {command_timeout_secs: 1}\nbackends: {echo: {delay: 60000}}\n')
      for (const words of [PROMPTS[0]!, PROMPTS[2]!]) {
        await ends(user.clinvk(words), {code: 6, stderr: /Error: Echo did not finish within 1\.0s\./})
      }

      configure('unified_flags: {command_timeout_secs: 1}\n')
      const slow = ['-b', 'echo', '--extra=--delay=400', 'a b c', '--timeout', '0', '--idle-timeout', '0']
      assert.equal((await user.clinvk(slow)).code, 0, '0 means none')
      configure('unified_flags: {command_timeout_secs: 99999999}\n')
      assert.equal((await user.clinvk(['-b', 'echo', 'x y'])).code, 0, 'longer than timers can wait')
    },

    async 'unified_flags.dry_run'() {
      configure('unified_flags: {dry_run: true}\ndefault_backend: echo\n')
      assert.match((await user.clinvk(['x y'])).stdout, /^Would execute: /)
      assert.deepEqual(user.sessions(), [])
      assert.equal((await user.clinvk(['x y', '--no-dry-run'])).stdout, 'You said: x y\n')
      assert.match((await user.clinvk(['-c', 'x y'])).stdout, /^Would execute: /)
      assert.match((await user.clinvk(['resume', '--last', 'x y'])).stdout, /^Would execute: /)
      assert.match((await user.clinvk('resume --last "x y" --no-dry-run')).stdout, /^You said: x y\n/)
    },

    async 'unified_flags.verbose'() {
      configure('unified_flags: {verbose: true}\ndefault_backend: echo\n')
      const {code, stdout} = await ends(user.clinvk(['x y']), {
        stderr: RegExp(`^Note: Runs in ${user.project}: .*echo\\.js --session [\\w-]+ --turn 1\n$`),
      })
      assert.deepEqual({code, stdout}, {code: 0, stdout: 'You said: x y\n'})
      const failing = await user.clinvk(['x y', '--extra=--bogus'])
      assert.match(failing.stderr, /^Note: echo: .*Unknown option '--bogus'/m)
      assert.match((await user.clinvk(['-c', 'x y'])).stderr, /^Note: Runs in /m)
    },

    async 'backends.echo.enabled'() {
      await user.clinvk(['-b', 'echo', 'x y'])
      configure('backends: {echo: {enabled: false}}\n')
      for (const words of PROMPTS) {
        const {code, stderr} = await user.clinvk(words)
        assert.match(
          stderr,
          /The backend echo is switched off by backends\.echo\.enabled in the settings\.\n {2}Where it is set/,
        )
        assert.equal(code, 2)
      }
    },

    async 'backends.echo.model'() {
      configure('backends: {echo: {model: big}, claude: {model: best}}\n')
      assert.match(await command('claude'), / --model opus( |$)/)
      assert.match(await command('echo'), / --model big( |$)/)
      await user.clinvk(['-b', 'echo', 'x y'])
      assert.match(await command('', ['-c', 'x y']), / --model big( |$)/)
      assert.match(await command('', ['resume', '--last', 'x y']), / --model big( |$)/)
    },

    async 'backends.echo.approval_mode'() {
      configure('unified_flags: {approval_mode: none}\nbackends: {claude: {approval_mode: auto}}\n')
      assert.match(await command('claude'), / --permission-mode acceptEdits( |$)/)
      assert.match(await command('gemini'), / --approval-mode default( |$)/)
    },

    async 'backends.echo.sandbox_mode'() {
      configure('unified_flags: {sandbox_mode: full}\nbackends: {codex: {sandbox_mode: read-only}}\n')
      assert.match(await command('codex'), / --sandbox read-only /)
      assert.match(await command('gemini'), / --approval-mode yolo( |$)/)
    },

    async 'backends.echo.allowed_tools'() {
      configure('backends: {claude: {allowed_tools: "Bash(go test *)"}, echo: {allowed_tools: Bash}}\n')
      assert.match(await command('claude'), / --allowedTools Bash\(go test \*\)( |$)/)
      await ends(user.clinvk(['-b', 'echo', 'x y']), {
        stderr: /backends\.echo\.allowed_tools is refused: Echo cannot do that\.\n {2}Where it is set: /,
        code: 10,
      })
    },

    async 'backends.echo.system_prompt'() {
      configure('backends: {echo: {system_prompt: be brief}}\n')
      for (const words of PROMPTS)
        assert.match((await user.clinvk(words)).stdout, /My instructions: be brief\n$/)
    },

    async 'backends.echo.extra_flags'() {
      configure('backends: {echo: {extra_flags: [--system, be kind]}}\n')
      for (const words of PROMPTS)
        assert.match((await user.clinvk(words)).stdout, /My instructions: be kind\n$/)
    },

    async 'backends.echo.delay'() {
      configure('backends: {echo: {delay: 25}}\n')
      assert.match(await command('echo'), / --delay 25( |$)/)
    },

    async 'session.auto_resume'() {
      configure('session: {auto_resume: true}\ndefault_backend: echo\n')
      await user.clinvk(['x y'])
      assert.match((await user.clinvk(['x y'])).stdout, /This is turn 2/)
      assert.equal((await user.clinvk(['x y', '--new'])).stdout, 'You said: x y\n')
      assert.equal(user.sessions().length, 2)
    },

    async 'session.continue_scope'() {
      configure('session: {continue_scope: here}\ndefault_backend: echo\n')
      await user.clinvk(['x y'])
      assert.equal((await user.clinvk(['-c', 'x y'], {cwd: user.directory('elsewhere')})).code, 4)
      assert.equal((await user.clinvk(['-c', 'x y'])).code, 0)
    },

    async 'session.retention_days'() {
      await user.clinvk(['-b', 'echo', 'x y'])
      configure('session: {retention_days: 7}\n')
      assert.match((await user.clinvk(['sessions', 'clean'])).stdout, /older than 7 days/)
      configure('session: {retention_days: 0}\n')
      assert.match(
        (await user.clinvk(['sessions', 'clean'])).stdout,
        /Nothing is deleted: session\.retention_days is 0/,
      )
    },

    async 'session.store_token_usage'() {
      configure('session: {store_token_usage: false}\ndefault_backend: echo\n')
      await user.clinvk(['x y'])
      assert.equal(user.sessions()[0]?.token_usage, undefined)
      assert.doesNotMatch((await user.clinvk(['sessions', 'show', '@last'])).stdout, /Token/)
    },

    async 'session.store_transcripts'() {
      configure('session: {store_transcripts: false}\ndefault_backend: echo\n')
      await user.clinvk(['x y'])
      assert.deepEqual(
        filesIn(user.home).filter((path) => path.includes('transcripts')),
        [],
      )
      configure('default_backend: echo\n')
      await user.clinvk(['-c', 'x y'])
      assert.equal(filesIn(user.home).filter((path) => path.includes('transcripts')).length, 1)
    },

    async 'session.default_tags'() {
      configure('session: {default_tags: [a, b]}\ndefault_backend: echo\n')
      await user.clinvk(['x y', '--tag', 'c'])
      assert.deepEqual(user.sessions()[0]?.tags, ['a', 'b', 'c'])
    },

    async 'output.format'() {
      configure('output: {format: json}\ndefault_backend: echo\n')
      assert.equal(json(await user.clinvk(['x y'])).content, 'You said: x y')
      assert.equal(json(await user.clinvk(['resume', '--last', 'x y'])).outcome, 'success')
      assert.equal((await user.clinvk(['x y', '-o', 'text'])).stdout, 'You said: x y\n')
    },

    async 'output.show_tokens'() {
      configure('output: {show_tokens: true}\ndefault_backend: echo\n')
      assert.equal((await user.clinvk(['x y'])).stderr, 'Tokens: 6 (input: 2, output: 4)\n')
      assert.match((await user.clinvk(['-c', 'x y'])).stderr, /^Tokens: /)
      assert.equal((await user.clinvk(['x y', '--no-show-tokens'])).stderr, '')
    },

    async 'output.show_summary'() {
      const terminal = {onTerminal: true, env: {TERM: 'xterm', NO_COLOR: '1'}}
      const summary = /\d\.\ds · \d+ tokens\n/
      configure('default_backend: echo\n')
      await ends(user.clinvk(['x y'], terminal), {stderr: summary})
      assert.equal((await user.clinvk(['x y'])).stderr, '')
      for (const words of ['"x y" -q', '"x y" -o json'])
        assert.doesNotMatch((await user.clinvk(words, terminal)).stderr, summary)
      configure('output: {show_summary: false}\ndefault_backend: echo\n')
      assert.doesNotMatch((await user.clinvk(['x y'], terminal)).stderr, summary)
    },

    async 'output.show_timing'() {
      configure('output: {show_timing: true}\ndefault_backend: echo\n')
      assert.match((await user.clinvk(['x y'])).stderr, /^Time: \d+\.\ds\n$/)
      assert.equal((await user.clinvk(['x y', '--no-show-timing'])).stderr, '')
    },

    // What else it does is in plugins/trust.test.ts.
    async 'trust.plugins'() {
      const folder = user.directory('plugin')
      user.write('plugin/package.json', '{"name": "@acme/x", "version": "1.0.0", "oclif": {}}')
      configure("trust: {plugins: ['@acme/*']}\n")
      const {code, stderr} = await user.clinvk(['plugins', 'link', folder])
      assert.match(stderr, /@acme\/x 1\.0\.0 is not an official plugin/)
      assert.equal(code, 1)
      configure("trust: {plugins: ['@acme/* ']}\n")
      assert.equal((await user.clinvk(['plugins', 'link', folder])).code, 3)
    },

    async 'trust.only'() {
      const folder = user.directory('plugin')
      user.write('plugin/package.json', '{"name": "x", "version": "1.0.0", "oclif": {}}')
      assert.equal((await user.clinvk(['plugins', 'link', folder, '--yes'])).code, 0)
      configure('trust: {only: true}\n')
      assert.equal((await user.clinvk(['plugins', 'link', folder, '--yes'])).code, 10)
    },

    async 'output.color'() {
      const words = ['x y', '--show-tokens', '-b', 'echo']
      const env = {FORCE_COLOR: '1'}
      assert.match((await user.clinvk(words, {env})).stderr, /\u001B\[/)
      configure('output: {color: false}\n')
      assert.doesNotMatch((await user.clinvk(words, {env})).stderr, /\u001B\[/)
    },
  }

  for (const [key, effect] of Object.entries(effects)) it(`${key} has an effect`, effect)

  it('has a test, whichever it is', () => {
    const echo = {descriptor: {options: {delay: {type: 'integer', description: ''} as const}}}
    const keys = namedSettings(schemaFor(new Map([['echo', echo]]))).map(({path}) => path.join('.'))
    assert.deepEqual(keys.sort(), [...Object.keys(effects), ...ELSEWHERE].sort())
  })
})

/** In parallel.test.ts and worktrees.test.ts. */
const ELSEWHERE = [
  ...['max_workers', 'fail_fast', 'aggregate_output'].map((key) => `parallel.${key}`),
  ...['root', 'setup'].map((key) => `worktree.${key}`),
]
