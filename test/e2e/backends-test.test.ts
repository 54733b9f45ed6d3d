import assert from 'node:assert/strict'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {CHECKS} from 'clinvk-conformance/checks'
import type {ConformanceReport} from 'clinvk-conformance/report'
import {testPackage} from 'clinvk-conformance/test-backend'
import {assertFailed} from '../support/conformance/assert-failed.js'
import {breakBackend, GOOD} from '../support/conformance/break-backend.js'
import {BROKEN} from '../support/conformance/broken.js'
import {UserOfAgents} from '../support/agent-user.js'
import {type Finished, json} from '../support/sandbox.js'
import {waitFor} from '../support/wait-for.js'

interface Printed {
  readonly ok: boolean
  readonly backends: ConformanceReport[]
}

/** The conformance kit as an author of a backend meets it. */
describe('backends test', () => {
  let user: UserOfAgents
  let directory: string
  beforeEach(() => {
    user = new UserOfAgents()
    directory = user.directory('clinvk-backend-good')
    cpSync(GOOD, directory, {recursive: true})
  })
  afterEach(() => user.remove())

  const change = (file: string, from: string, to: string) => {
    const path = join(directory, file)
    const text = readFileSync(path, 'utf8')
    assert.ok(text.includes(from))
    writeFileSync(path, text.replace(from, to))
  }

  it('passes every official backend, without its agent and in a home of its own', async function () {
    this.timeout(300_000)
    // What V8 has compiled is kept from start to start, in the home.
    const files = () => readdirSync(user.home).filter((name) => name !== '.cache')
    const before = files()
    const finished: Finished[] = []
    for (const name of ['claude', 'codex', 'gemini', 'opencode', 'echo'])
      finished.push(await user.clinvk(['backends', 'test', name, '--json'], {env: {PATH: '/usr/bin:/bin'}}))
    for (const one of finished) {
      const {backends, ok} = json(one) as unknown as Printed
      const [{checks, level, not_proven: open}] = backends as [ConformanceReport]
      assert.deepEqual(
        checks.filter(({state}) => state === 'failed'),
        [],
      )
      assert.deepEqual(
        checks.map(({id}) => id),
        CHECKS.map(({id}) => id),
      )
      assert.deepEqual([one.code, ok, level], [0, true, 'fixtures'])
      assert.deepEqual(open, ['resume', 'ephemeral', 'sandbox', 'cancel'])
      assert.equal(one.stderr, '')
    }

    assert.deepEqual(files(), before)
    assert.deepEqual(readdirSync(join(user.home, 'tmp')), [])
  })

  it('says what was expected, what came and what to do, of a backend that is not installed', async () => {
    change('index.js', 'agent_version', 'agentVersion')
    change('package.json', '"systemPrompt": true', '"systemPrompt": false')
    const {code, stderr, stdout} = await user.clinvk(['backends', 'test', '../clinvk-backend-good'])
    assert.equal(code, 1)
    assert.equal(stderr, '')
    const lines = stdout.split('\n')
    assert.equal(lines[0], 'good (clinvk-backend-good 1.0.0), 3 fixtures')
    const at = lines.findIndex((line) => line.endsWith('[events-shape]'))
    assert.deepEqual(lines.slice(at, at + 4), [
      'failed  Each event is one that the contract knows, with its fields. [events-shape]',
      '        expected: answer: events as the contract says',
      '        found:    it has `agentVersion`, which the contract does not know: ' +
        '{"type":"session","backend_session_id":"0c6e1a52-7a41-4d53-9f0e-2b8f7a9d3c11","model":"small","agentVersion":"1.2.3"}',
      '        to do:    Compare with docs/plugins/contract.md; leave a field out when the agent does not tell it.',
    ])
    assert.ok(lines.includes('ok      Its module loads, and its default export has plan and reader.'))
    assert.match(stdout, /^\d+ checks: \d+ ok, 1 failed, \d+ not applicable \([\d.]+s\)\.$/m)
    assert.match(
      stdout,
      /^Not proven here: resume, ephemeral, sandbox, cancel\. .* clinvk backends test good --live$/m,
    )
  })

  it('takes the fixtures from elsewhere, and names each one that it cannot read', async () => {
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

  it('knows what is no backend', async () => {
    for (const [words, message] of [
      [
        ['nobody'],
        /^Error: There is no backend named nobody\.\n {2}There are: claude, codex, echo, gemini, opencode\n.*\.\/clinvk-backend-nobody/,
      ],
      [['./nowhere'], /^Error: There is no backend in .*\/nowhere: there is no package\.json\./],
    ] as const) {
      const {code, stderr, stdout} = await user.clinvk(['backends', 'test', ...words])
      assert.deepEqual([code, stdout], [2, ''])
      assert.match(stderr, message)
    }
  })

  it('goes on after a backend that hangs, and one that crashes', async () => {
    change(
      'index.js',
      'function plan(turn, host) {',
      'function plan(turn, host) {\n  while (turn.maxTurns === 4711) {}',
    )
    change(
      'index.js',
      'async function record({id}, files) {',
      'async function record({id}, files) {\n  process.reallyExit(3)',
    )
    const only = ['members-known', 'options-not-dropped', 'record-harmless', 'tidy-harmless']
    const [report] = await testPackage(directory, {only, timeout: 8000})
    assert.deepEqual(
      report!.checks.map(({found, id, state}) => [id, state, found]),
      [
        ['members-known', 'ok', undefined],
        ['options-not-dropped', 'failed', 'It did not end within 8 seconds.'],
        ['record-harmless', 'failed', 'Its process ended with exit code 3.'],
        ['tidy-harmless', 'ok', undefined],
      ],
    )
  })

  it('ends at Ctrl-C with all that it has started', async () => {
    const {child, finished} = user.start(['backends', 'test', directory, '--json'])
    await waitFor('a fake agent at work', () => fakeAgents(user.home).length > 0)
    child.kill('SIGINT')
    const {ok} = json(await finished) as unknown as Printed
    assert.deepEqual([(await finished).code, ok], [130, false])
    assert.deepEqual(fakeAgents(user.home), [])
    assert.deepEqual(readdirSync(join(user.home, 'tmp')), [])
  })
})

/** Checks of what happens in and between processes. */
describe('the checks that need a process', () => {
  let directory: string
  beforeEach(() => {
    directory = realpathSync(mkdtempSync(join(tmpdir(), 'clinvk-broken-')))
  })
  afterEach(() => rmSync(directory, {recursive: true, force: true}))

  const OF_PROCESS = ['environment-untouched', 'leaves-nothing-running', 'no-files', 'no-processes']
  for (const {id, stage} of CHECKS) {
    if (stage !== 'turns' && !OF_PROCESS.includes(id)) continue
    for (const broken of BROKEN[id]!)
      it(`${id}: finds a backend that ${broken.flaw}`, async () => {
        breakBackend(directory, broken)
        const [report] = await testPackage(directory, {only: [id]})
        assertFailed(report!.checks, [id])
        assert.equal(report!.ok, false)
      })
  }

  it('report what Node denies a package that the backend uses', async () => {
    const start = 'export default {'
    breakBackend(directory, {
      edits: [
        [start, `import {read} from 'reads'\n${start}`],
        ['function plan(turn, host) {', 'function plan(turn, host) {\n  read()'],
      ],
    })
    mkdirSync(join(directory, 'node_modules/reads'), {recursive: true})
    const code =
      "import {readFileSync} from 'node:fs'\nexport const read = () => readFileSync('/etc/hostname')\n"
    writeFileSync(join(directory, 'node_modules/reads/index.mjs'), code)
    writeFileSync(join(directory, 'node_modules/reads/package.json'), '{"exports": "./index.mjs"}')
    const [report] = await testPackage(directory, {only: ['members-known', 'no-files', 'plan-shape']})
    assertFailed(report!.checks, ['no-files'])
    const [members, files] = report!.checks
    assert.equal(members!.state, 'ok')
    assert.equal(files!.found, 'FileSystemRead /etc/hostname, called by plan')
  })
})

/** Command lines of the fake agents that play for this user. */
function fakeAgents(home: string): string[] {
  return readdirSync('/proc').flatMap((pid) => {
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8')
      return words.includes('fake-agent.js') && words.includes(home) ? [words] : []
    } catch {
      return []
    }
  })
}
