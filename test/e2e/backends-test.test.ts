import assert from 'node:assert/strict'
import {cpSync, readdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import type {ConformanceReport} from 'clinvk-conformance/check'
import {CHECKS} from 'clinvk-conformance/checks'
import {readBackendPackage} from 'clinvk-conformance/backend-package'
import {testBackend} from 'clinvk-conformance/test-backend'
import {CliUser} from '../support/cli-user.js'
import {breakBackend, BROKEN, GOOD} from '../support/broken-backends.js'
import {each, ends, json} from '../support/sandbox.js'
import {waitFor} from '../support/wait-for.js'

/** `clinvk backends test`, as an author of a backend meets it. */
describe('backends test', () => {
  const user = new CliUser().forEachTest()
  let directory: string
  beforeEach(() => {
    directory = user.directory('clinvk-backend-good')
    cpSync(GOOD, directory, {recursive: true})
  })

  const change = (file: string, from: string, to: string) => {
    const path = join(directory, file)
    const text = readFileSync(path, 'utf8')
    assert.ok(text.includes(from))
    writeFileSync(path, text.replace(from, to))
  }

  for (const name of ['claude', 'codex', 'gemini', 'opencode', 'echo'])
    it(`passes ${name}, without its agent and in a home of its own`, async () => {
      const before = readdirSync(user.home)
      const finished = await user.clinvk(['backends', 'test', name, '--json'], {env: {PATH: '/usr/bin:/bin'}})
      const {backends, ok} = json(finished) as unknown as {ok: boolean; backends: [ConformanceReport]}
      const [{checks, level, not_proven: open}] = backends
      assert.deepEqual(
        checks.filter(({state}) => state === 'failed'),
        [],
      )
      assert.deepEqual(
        checks.map(({id}) => id),
        CHECKS.map(({id}) => id),
      )
      assert.deepEqual([finished.code, ok, level, finished.stderr], [0, true, 'fixtures', ''])
      assert.deepEqual(open, ['resume', 'ephemeral', 'sandbox', 'cancel'])
      assert.deepEqual(readdirSync(user.home), before)
    })

  it('says what was expected, what was found and what to do, of a backend that is not installed', async () => {
    change('index.js', 'agent_version', 'agentVersion')
    change('package.json', '"systemPrompt": true', '"systemPrompt": false')
    const {code, stderr, stdout} = await user.clinvk(['backends', 'test', '../clinvk-backend-good'])
    assert.deepEqual([code, stderr], [1, ''])
    const lines = stdout.split('\n')
    assert.equal(lines[0], 'good (clinvk-backend-good 1.0.0), 3 fixtures')
    const at = lines.findIndex((line) => line.endsWith('[events-valid]'))
    assert.deepEqual(lines.slice(at, at + 3), [
      'failed  Each event is one that the contract knows, with its fields. [events-valid]',
      '        expected: answer: events as the contract says',
      '        found:    it has `agentVersion`, which the contract does not know: ' +
        '{"type":"session","backend_session_id":"0c6e1a52-7a41-4d53-9f0e-2b8f7a9d3c11","model":"small","agentVersion":"1.2.3"}',
    ])
    assert.match(lines[at + 3]!, /^ {8}to do: {4}Compare with docs\/plugins\/contract\.md;/)
    assert.ok(lines.some((line) => line.startsWith('ok      Its module loads')))
    assert.match(stdout, /^\d+ checks: \d+ ok, 1 failed, \d+ not applicable \([\d.]+s\)\.$/m)
    assert.match(
      stdout,
      /^Not proven here: resume, ephemeral, sandbox, cancel\. .* clinvk backends test good --live$/m,
    )
  })

  it('uses other fixtures, and names each one that it cannot read', async () => {
    user.write('project/runs/broken.json', '{"expect": {"outcome": "sucess"}}')
    user.write('project/runs/broken.stdout', '')
    user.write('project/runs/alone.json', '{}')
    user.write('project/runs/lost.stdout', '')
    user.write('project/runs/cut.json', '{"expect"')
    user.write('project/runs/cut.stdout', '')
    const finished = await user.clinvk(['backends', 'test', directory, '--fixtures', 'runs', '--json'])
    const {error} = json(finished) as {error: {kind: string; message: string; hints: string[]}}
    assert.deepEqual([finished.code, error.kind], [3, 'config'])
    assert.match(error.message, /^Fixtures in .*\/project\/runs cannot be used\.$/)
    for (const [name, why] of [
      ['alone.json', /there is no alone\.stdout/],
      ['lost.stdout', /there is no lost\.json/],
      ['broken.json', /expect\.outcome/],
      ['cut.json', /JSON/],
    ] as const)
      assert.match(error.hints.find((hint) => hint.startsWith(`${name}: `)) ?? '', why)
  })

  for (const [wanted, message] of [
    [
      'nobody',
      /^Error: Unknown backend "nobody"\. Available: claude, codex, echo, gemini, opencode\.\n.*\n.*\.\/clinvk-backend-nobody/,
    ],
    ['./nowhere', /^Error: There is no backend in .*\/nowhere: there is no package\.json\./],
  ] as const)
    it(`refuses ${wanted}, which is no backend`, async () => {
      await ends(user.clinvk(['backends', 'test', wanted]), {code: 2, stdout: '', stderr: message})
    })

  it('asks before --live, so without a terminal it needs --yes', async () => {
    const {stderr} = await ends(user.clinvk(['backends', 'test', 'claude', '--live']), {
      code: 1,
      stderr: /This would send about eight short prompts to claude, on the account that --env names\./,
    })
    assert.match(stderr, /clinvk backends test claude --live --yes/)
  })

  it('continues after a backend that hangs, and one that crashes', async () => {
    change(
      'index.js',
      'function plan(turn, host) {',
      'function plan(turn, host) {\n  while (turn.maxTurns) {}',
    )
    change('index.js', 'probe: () => [', 'probe: () => process.reallyExit(3) ?? [')
    const only = ['module-loads', 'options-honoured', 'programs-name-session', 'probe-reads-anything']
    const report = await testBackend(await readBackendPackage(directory), 'good', {only, timeout: 3000})
    assert.deepEqual(each(report.checks, 'id', 'state', 'found'), [
      ['module-loads', 'ok', undefined],
      ['options-honoured', 'failed', 'It did not end within 3 seconds.'],
      ['programs-name-session', 'ok', undefined],
      ['probe-reads-anything', 'failed', 'Its process ended with exit code 3.'],
    ])
  })

  it('ends at Ctrl-C with its process, also when the backend hangs', async () => {
    change(
      'index.js',
      'function plan(turn, host) {',
      'function plan(turn, host) {\n  while (turn.maxTurns) {}',
    )
    const {child, finished} = user.start(['backends', 'test', directory, '--json'])
    await waitFor('a worker', () => workers(user.home).length > 0)
    child.kill('SIGINT')
    const {ok} = json(await finished)
    assert.deepEqual([(await finished).code, ok, workers(user.home)], [130, false, []])
    assert.deepEqual(readdirSync(join(user.home, 'tmp')), [])
  })

  it('lists all side effects of a backend, and what Node denies a package that it uses', async () => {
    const [broken] = BROKEN['no-side-effects']!
    breakBackend(directory, broken!, [
      {from: 'export default {', to: "import {read} from 'reads'\nexport default {"},
      {from: "'--json',", to: "'--json', ...(turn.maxTurns === undefined ? [] : [read()]),"},
    ])
    const code =
      "import {readFileSync} from 'node:fs'\nexport const read = () => readFileSync('/etc/hostname', 'utf8')\n"
    user.write('clinvk-backend-good/node_modules/reads/index.mjs', code)
    user.write('clinvk-backend-good/node_modules/reads/package.json', '{"exports": "./index.mjs"}')
    const report = await testBackend(await readBackendPackage(directory), 'good', {
      only: ['module-loads', 'no-side-effects'],
    })
    const [loads, effects] = report.checks
    assert.deepEqual([report.ok, loads!.state, effects!.state], [false, 'ok', 'failed'])
    const found = effects!.found!.replaceAll(/ at \S*\/index\.js:\d+:\d+/g, ' at …').replace(/: \d+;/, ': n;')
    assert.deepEqual(found.split('; '), [
      'FileSystemRead /etc/hostname',
      'fetch was called at …',
      'write was called at …',
      'exit was called at …',
      'new: the variable GOOD=1',
      'new: listeners to SIGHUP: n',
      'Timeout was left running',
    ])
  })
})

/** Processes that run code of a backend for this user. */
function workers(home: string): string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8')
      return command.includes('worker.js') && command.includes(home)
    } catch {
      return false
    }
  })
}
