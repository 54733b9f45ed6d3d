import assert from 'node:assert/strict'
import {readFileSync, statSync} from 'node:fs'
import {join} from 'node:path'
import {linkBackendPlugin, linkPlugin} from '../../support/link-plugin.js'
import {ends, type Finished, ROOT, Sandbox} from '../../support/sandbox.js'

const PAGE = readFileSync(join(ROOT, 'docs/plugins/events.md'), 'utf8')
const BACKEND = `export default {
  plan: ({prompt}) => ({kind: 'invocation', args: [prompt], stdin: ''}),
  reader: () => ({
    line: (text) => [{type: 'text', text}],
    end: ({code}) => code === 0 ? {outcome: 'success', model: 'm'} : {outcome: 'failed', message: 'It broke.'},
  }),
}`
const AGENT = `const [, , prompt] = process.argv
console.log('asked: ' + prompt)
if (prompt === 'wait') setTimeout(() => undefined, 1e9)
process.exitCode = prompt === 'fail' ? 1 : undefined`

/** The samples of docs/plugins/events.md, as they stand there. */
describe('plugins that listen, as the page shows them,', () => {
  const user = new Sandbox({CLINVK_BACKEND: 'able'})
  const samples = filesIn(PAGE)
  const file = join(user.home, 'usage.jsonl')
  before(() => {
    for (const name of ['clinvk-plugin-usage-log', 'clinvk-plugin-policy']) {
      const {'package.json': pjson, ...others} = samples.get(name)!
      linkPlugin(user, name, pjson, others)
    }

    const capabilities = {ephemeral: true, sandbox: ['full']}
    linkBackendPlugin(user, 'able', BACKEND, {agent: AGENT, descriptor: {capabilities}})
  })
  after(() => user.remove())

  const logged = () =>
    readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
  const clinvk = (words: string[], cwd = user.project) => user.clinvk(words, {cwd, env: {USAGE_LOG: file}})

  it('log what each turn uses: one that ends well, fails, is cancelled, is ephemeral', async () => {
    assertQuiet(await clinvk(['-b', 'echo', 'hello there']), 0)
    const [{id}] = user.sessions() as [{id: string}]
    const [{time, ...first}] = logged() as [Record<string, unknown>]
    assert.ok(Date.parse(String(time)) > 0)
    assert.deepEqual(first, {
      session: id,
      backend: 'echo',
      model: 'echo-1',
      outcome: 'success',
      input_tokens: 2,
      output_tokens: 4,
      total_tokens: 6,
    })

    assertQuiet(await clinvk(['--ephemeral', 'hello']), 0)
    assert.equal((await clinvk(['fail'])).code, 1)
    const waiting = user.start(['--', 'wait'], {env: {USAGE_LOG: file}})
    await waiting.shows('asked: wait')
    waiting.child.kill('SIGINT')
    assert.equal((await waiting.finished).code, 130)
    assert.deepEqual(
      logged().map(({backend, model, outcome, session, total_tokens: total}) => [
        backend,
        model,
        outcome,
        session === null,
        total,
      ]),
      [
        ['echo', 'echo-1', 'success', false, 6],
        ['able', 'm', 'success', true, null],
        ['able', null, 'failed', false, null],
        ['able', null, 'cancelled', false, null],
      ],
    )
  })

  it('refuse a turn by policy, before anything is written', async () => {
    const before = {sessions: user.sessions().length, lines: logged().length}
    const playground = user.directory('playground/game')
    for (const [words, says] of [
      [
        ['--sandbox-mode', 'full', 'hello'],
        /^Error: clinvk-plugin-policy refused this turn: --sandbox-mode full is allowed below .*playground only\n/,
      ],
      [
        ['--extra=--yolo', 'hello'],
        /^Error: clinvk-plugin-policy refused this turn: --extra is allowed below/,
      ],
      [
        ['--ephemeral', `use sk-${'x'.repeat(24)}`],
        /^Error: clinvk-plugin-policy refused this turn: the prompt holds what looks like a secret\n/,
      ],
      [['--dry-run', '--sandbox-mode', 'full', 'hello'], /refused this turn/],
    ] as const) {
      await ends(clinvk([...words]), {stderr: says, code: 10, stdout: ''})
    }

    assert.deepEqual({sessions: user.sessions().length, lines: logged().length}, before)
    assertQuiet(await clinvk(['--sandbox-mode', 'full', 'hello'], playground), 0)
    assert.equal(logged().length, before.lines + 1)
  })

  it('are tested as the page says', async () => {
    const {code, stdout} = await user.run(process.execPath, ['--test'], {
      cwd: join(user.home, 'plugins/clinvk-plugin-policy'),
    }).finished
    assert.equal(code, 0, stdout)
    assert.match(stdout, /pass 3/)
  })

  it('name in their package.json only files that the page has', () => {
    for (const [name, files] of samples) {
      const {files: packed, oclif} = JSON.parse(files['package.json']!) as {
        files: string[]
        oclif: {hooks: Record<string, string>}
      }
      for (const path of [...packed, ...Object.values(oclif.hooks)])
        assert.ok(statSync(join(user.home, 'plugins', name, path)).isFile(), path)
    }
  })
})

describe('the page on plugins that listen', () => {
  it('shows the types as they are', () => {
    const source = readFileSync(join(ROOT, 'plugins/kit/src/turn/context.ts'), 'utf8')
    for (const name of ['GuardQuestion', 'TurnStart', 'TurnEnd', 'SessionAbout']) {
      const [type] = RegExp(`^export interface ${name} \\{\\n[^}]*\\n\\}`, 'm').exec(source) ?? []
      assert.ok(type !== undefined && PAGE.includes(type), `${name} is not what docs/plugins/events.md shows`)
    }
  })
})

/** Files that a page shows: a line that ends with the name, a block with the content. By package, then name. */
function filesIn(page: string): Map<string, Record<string, string>> {
  const found = new Map<string, Record<string, string>>()
  for (const [, name, file, content] of page.matchAll(
    /`([\w-]+)\/([\w.-]+)`[^`\n]*(?:`[^`\n]*`)?:\n\n```\w+\n(.*?)```/gs,
  ))
    found.set(name!, {...found.get(name!), [file!]: content!})
  return found
}

function assertQuiet({code, stderr}: Finished, expected: number): void {
  assert.deepEqual({code, stderr}, {code: expected, stderr: ''})
}
