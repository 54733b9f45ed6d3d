import assert from 'node:assert/strict'
import {readdirSync} from 'node:fs'
import {type Backend, backends} from '../support/doctor.js'
import {InventedAgents} from '../support/invented-agents.js'
import {ends, json} from '../support/sandbox.js'
import {waitFor} from '../support/wait-for.js'

describe('backends', () => {
  const user = new InventedAgents().forEachTest()
  const list = async (...words: string[]) => backends(await user.clinvk(['backends', '--json', ...words]))

  it('without an agent say how to get it', async () => {
    const {code, stdout} = await user.clinvk(['backends'])
    assert.equal(code, 0)
    assert.match(stdout, /^claude \* +Claude Code +not installed +- +0\.1\.0 +-$/m)
    assert.match(stdout, /^claude: to install it: npm install -g @anthropic-ai\/claude-code$/m)
    assert.match(stdout, /^echo +Echo +0\.1\.0 /m)
  })

  const VERSIONS: [version: string, standing: string, says: RegExp][] = [
    ['2.1.999', 'tested', /^\* the default$/m],
    ['1.0.3', 'too old', /^claude: Claude Code 1\.0\.3 is older than 2\.0\.0/m],
    ['2.0.5', 'untested', /^claude \* +Claude Code +2\.0\.5 untested/m],
    ['3.0.0', 'untested', /^claude: Claude Code 3\.0\.0 is newer than 2\.1\.197/m],
  ]
  for (const [version, standing, says] of VERSIONS) {
    it(`say of Claude Code ${version} that it is ${standing}`, async () => {
      user.installClaude({version})
      const {stdout} = await user.clinvk(['backends'])
      assert.match(stdout, RegExp(`^claude \\* +Claude Code +${version} ${standing} +signed in `, 'm'))
      assert.match(stdout, says)
      const [claude] = await list()
      assert.equal(claude?.version_standing, standing.replace(' ', '_'))
    })
  }

  it('whose agent says something else have no known version', async () => {
    user.install('claude', 'echo "good morning"')
    const [claude] = await list()
    assert.deepEqual([claude?.version, claude?.signed_in, claude?.problems], [undefined, 'unknown', []])
  })

  it('show no mail address', async () => {
    user.installClaude()
    const finished = await user.clinvk(['backends', 'claude', '--json'])
    assert.equal((json(finished) as Backend).account, 'claude.ai')
    assert.doesNotMatch(finished.stdout, /ada@/)
  })

  it('whose agent hangs are unknown after the deadline; the others are told, and nothing of it lives on', async () => {
    user.install('claude', 'sleep 1000 & sleep 1000')
    user.install('codex', 'echo codex-cli 0.169.0')
    const {ms, stdout} = await ends(user.clinvk(['backends', '--timeout', '2s']), {code: 0})
    assert.ok(ms < 30_000)
    assert.match(stdout, /^claude \* +Claude Code +unknown +unknown /m)
    assert.match(stdout, /^claude: `claude --version` gave no answer within 2\.0s\.$/m)
    assert.match(stdout, /^codex +Codex +0\.169\.0 tested /m)
    assert.deepEqual(user.processes(), [])
  })

  it('are no longer asked after Ctrl-C, and nothing of them lives on', async () => {
    user.install('claude', 'echo asked >> "$HOME/asked"; sleep 1000')
    const running = user.start(['backends', '--timeout', '1h'])
    await waitFor('claude is asked', () => readdirSync(user.home).includes('asked'))
    running.child.kill('SIGINT')
    await ends(running.finished, {code: 130, stdout: '', stderr: 'Cancelled.\n'})
    assert.deepEqual(user.processes(), [])
  })

  it('are one JSON object after SIGTERM, too', async () => {
    user.install('claude', 'echo asked >> "$HOME/asked"; sleep 1000')
    const running = user.start(['backends', '--timeout', '1h', '--json'])
    await waitFor('claude is asked', () => readdirSync(user.home).includes('asked'))
    running.child.kill('SIGTERM')
    const finished = await running.finished
    const {exit_code: code, outcome} = json(finished)
    assert.deepEqual([finished.code, code, outcome], [143, 143, 'cancelled'])
  })

  it('that are switched off are shown so, and not asked', async () => {
    user.install('claude', 'echo asked >> "$HOME/asked"')
    user.write('.clinvk/config.yaml', 'backends:\n  claude:\n    enabled: false\n')
    const {code, stdout} = await user.clinvk(['backends'])
    assert.equal(code, 0)
    assert.match(stdout, /^claude \* +Claude Code +switched off +- /m)
    assert.match(stdout, /^claude: switched off by backends\.claude\.enabled in the settings$/m)
    assert.equal(readdirSync(user.home).includes('asked'), false)
  })

  it('are shown although other plugins are broken, with what is wrong with each', async () => {
    const GOOD = 'plan() {}, reader() {}'
    const BROKEN: [name: string, code: string, says: RegExp][] = [
      ['throwing', 'throw new Error("no luck")', /The backend throwing does not load: no luck/],
      [
        'failing',
        `export default {${GOOD}, probe() { throw new Error("no luck") }}`,
        /failed in `probe`: no luck/,
      ],
      ['hanging', 'await new Promise((resolve) => setTimeout(resolve, 1e9))', /no answer within 3\.0s/],
      [
        'invalid',
        `export default {${GOOD}, probe: () => [null]}`,
        /failed in `probe`: `\[0\]` must be an object/,
      ],
      ['empty', 'export default 1', /has no `plan` and `reader`/],
    ]
    user.installClaude()
    for (const [name, code] of BROKEN) user.linkBackend(name, code)
    const {code: exit, stdout} = await user.clinvk(['backends', '--timeout', '3s'])
    assert.equal(exit, 0)
    assert.match(stdout, /^claude \* +Claude Code +2\.1\.197 tested +signed in /m)
    const all = await list('--timeout', '3s')
    for (const [name, , says] of BROKEN) {
      assert.match(stdout, RegExp(`^${name} +${name} +`, 'm'))
      assert.match(stdout, says)
      assert.match(all.find((backend) => backend.name === name)!.problems.join('\n'), says)
    }
  })

  it('are shown although a plugin is made for another contract; it is named', async () => {
    user.linkBackend('future', 'export default {}', {contract: 99})
    const {code, stderr} = await user.clinvk(['backends'])
    assert.equal(code, 0)
    assert.match(stderr, /clinvk-backend-future cannot be used as a backend: it is made for contract 99/)
    const {problems} = json(await user.clinvk(['backends', '--json'])) as {problems: string[]}
    assert.equal(problems.length, 1)
  })

  it('can be looked at one by one', async () => {
    const path = user.installClaude()
    const {stdout} = await user.clinvk(['backends', 'claude'])
    assert.match(stdout, /^claude: Claude Code, the default\n {2}version {3}2\.1\.197 tested$/m)
    assert.match(stdout, /^ {2}sign-in {3}signed in \(claude\.ai\)$/m)
    assert.match(stdout, /^ {2}found {5}~\/bin\/claude$/m)
    assert.match(stdout, /^ {2}plugin {4}clinvk-backend-claude 0\.1\.0$/m)
    const claude = json(await user.clinvk(['backends', 'claude', '--json'])) as Backend
    assert.equal(claude.executable, path)
    assert.equal((claude.capabilities as {system_prompt: boolean}).system_prompt, true)
    assert.equal((claude.models as {fast: string}).fast, 'haiku')
  })

  it('that there are not are no answer: exit 2 and those that there are', async () => {
    const {code, stderr} = await user.clinvk(['backends', 'cloude'])
    assert.equal(code, 2)
    assert.match(
      stderr,
      /Unknown backend "cloude"\. Available: claude, codex, echo, gemini, opencode\.\n {2}Did you mean: claude\n/,
    )
  })
})
