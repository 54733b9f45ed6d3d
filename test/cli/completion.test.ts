import assert from 'node:assert/strict'
import {rmSync} from 'node:fs'
import {join} from 'node:path'
import type {Config} from '@oclif/core'
import type {IO} from '../../plugins/kit/src/io.js'
import {answer} from '../../src/completion/complete.js'
import {loadConfig} from '../../src/startup/load-config.js'
import {CliUser} from '../support/cli-user.js'
import {ends, fixture, ROOT, Sandbox} from '../support/sandbox.js'
import {minutesAgo, storeSession} from '../support/stored-session.js'

/** What stands in the store: the last used first. */
const SESSIONS = [
  {id: 'abc12345', minutes: 1, title: 'fix the parser: it\tbreaks', name: 'auth-fix', tags: ['bug', 'urgent']},
  {id: 'abc99999', minutes: 2, title: 'add tests', backend: 'codex', tags: ['bug']},
  {id: 'def45678', minutes: 3, title: 'done', closed_at: '2026-01-01T00:00:00Z'},
  {id: 'fed00000', minutes: 4, title: 'never answered', backend_session_id: ''},
] // prettier-ignore

/** What `completions.yaml` says is offered: see there. */
const CASES = fixture('completions.yaml') as Record<string, string>

describe('completion', () => {
  let user: Sandbox
  let config: Config
  before(async () => {
    user = new CliUser()
    for (const {id, minutes, ...fields} of SESSIONS)
      storeSession(user, id, {
        backend_session_id: id,
        last_outcome: 'success',
        last_used: minutesAgo(minutes),
        ...fields,
      })
    config = await loadConfig(ROOT, {env: user.env, cwd: user.project} as IO)
  })
  after(() => user.remove())

  for (const [line, expected] of Object.entries(CASES)) {
    it(`offers after clinvk ${line}| ${expected === '' ? 'nothing' : expected}`, async () => {
      const {candidates, paths} = await answer(wordsOf(line), config, {cwd: user.project, env: user.env})
      const offered = [...candidates.map(({value}) => value), ...(paths ? [paths] : [])]
      const wanted = expected === '' ? [] : expected.split(' ')
      if (wanted.at(-1) === '…') wanted.splice(-1, 1, ...offered.slice(wanted.length - 1))
      // A command, a setting or a format may come to be at any time.
      const isPart = wanted[0] === '…'
      assert.deepEqual(
        isPart ? offered.filter((value) => wanted.includes(value)) : offered,
        isPart ? wanted.slice(1) : wanted,
      )
    })
  }

  it('says what a session is about, without what would disturb a terminal', async () => {
    const {candidates} = await answer(['resume', 'ab'], config, {cwd: user.project, env: user.env})
    assert.deepEqual(candidates, [
      {value: 'abc12345', description: '1 minute ago, echo: auth-fix'},
      {value: 'abc99999', description: '2 minutes ago, codex: add tests'},
    ])
    const named = await answer(['resume', 'auth'], config, {cwd: user.project, env: user.env})
    assert.equal(named.candidates[0]?.description, '1 minute ago, echo: fix the parser: it breaks')
  })
})

/** As a shell splits it: the last word is the one at the cursor. */
function wordsOf(line: string): string[] {
  return line.split(/ (?=(?:[^"]*"[^"]*")*[^"]*$)/).map((word) => word.replaceAll('"', ''))
}

describe('clinvk __complete', () => {
  let user: Sandbox
  const ask = async (...words: string[]) => {
    const {stdout} = await ends(user.clinvk(['__complete', '--', ...words]), {code: 0, stderr: ''})
    return stdout
  }

  beforeEach(() => (user = new CliUser()))
  afterEach(() => user.remove())

  it('prints a line for each candidate, its description after a tab, and what the shell is to do', async () => {
    assert.equal(await ask('-b', 'cl'), 'claude\tClaude Code\n')
    assert.equal(await ask('--file', ''), ':files\n')
    const dropped = await user.clinvk(['__complete', '--empty', '--', '--sandbox-mode'])
    assert.match(dropped.stdout, /^default\t.*\nread-only\t/)
  })

  it('goes by the settings, and by as much of them as can be understood', async () => {
    user.write(
      '.clinvk/config.yaml',
      'default_backend: codex\nmisspelt: 1\nbackends:\n  codex:\n    model: gpt-mine\n',
    )
    assert.match(await ask('-m', 'gpt-m'), /^gpt-mine\tthe model of your settings\n$/)
    user.write('.clinvk/config.yaml', 'default_backend: [\n')
    assert.match(await ask('-m', 'so'), /^sonnet\t/)
  })

  it('offers what is known where the store is damaged', async () => {
    user.write('.clinvk/sessions/0123456789abcdef0123456789abcdef.json', '{"id": ')
    storeSession(user, 'abc123', {backend_session_id: 'x'})
    assert.match(await ask('resume', ''), /^@last\t.*\nabc12300\t/)
    rmSync(join(user.home, '.clinvk'), {recursive: true})
    user.write('.clinvk', 'no directory')
    assert.equal(await ask('resume', ''), '')
    assert.match(await ask('sess'), /^sessions\t/)
  })

  it('has the latest of many sessions, and finds each by its beginning', async () => {
    for (let number = 1000; number < 1300; number++)
      storeSession(user, `${number}abcd`, {backend_session_id: 'x', last_used: minutesAgo(number)})
    const lines = (await ask('resume', '')).trimEnd().split('\n')
    assert.deepEqual(
      lines.map((line) => line.split('\t')[0]),
      ['@last', ...Array.from({length: 50}, (_, index) => `${1000 + index}abcd`)],
    )
    assert.match(await ask('resume', '1299'), /^1299abcd\t/)
  })

  it('completes the commands, flags and values of plugins, and imports no command for it', async () => {
    await link('painter')
    assert.match(await ask('pai'), /^paint\t/)
    assert.equal(await ask('paint', ''), 'wall\tPaint a wall.\n')
    assert.equal(await ask('paint', 'h'), 'house\tPaint a wall.\n')
    assert.equal(await ask('paint', 'wall', '--'), '--brush\n--colours\n--help\tShow help.\n')
    assert.equal(await ask('paint', 'wall', '--brush', ''), 'broad\nfine\n')
    assert.equal(await ask('paint', 'wall', '--brush', 'fine', ''), 'north\twith fine brush red\n')
    assert.equal(await ask('paint', 'wall', 'north', 'x'), ':files\n')
    assert.equal(await ask('plugins', 'uninstall', ''), 'clinvk-plugin-painter\t1.0.0\n')
  })

  it('completes the parts of a list', async () => {
    await link('painter')
    const colours = await ask('paint', 'wall', '--colours', 'red,g')
    assert.equal(colours, 'red,green\ta colour\nred,grey\ta colour\n:nospace\n')
    assert.equal(
      await ask('paint', 'wall', '--colours=grey,gr'),
      '--colours=grey,green\ta colour\n:nospace\n',
    )
  })

  it('keeps quiet about plugins that fail, hang, or are gone', async () => {
    await link('painter')
    assert.equal(await ask('paint', 'wall', 'throw'), '')
    assert.equal(await ask('paint', 'wall', 'hang'), '')
    user.write(
      '.local/share/clinvk/package.json',
      '{"oclif": {"plugins": [{"name": "gone", "type": "user"}]}}',
    )
    assert.match(await ask('sess'), /^sessions\t/)
    assert.equal(await ask('plugins', 'uninstall', ''), 'gone\tdoes not load\n')
  })

  const link = async (name: string) => {
    const folder = join(ROOT, 'test/fixtures/plugins', name)
    await ends(user.clinvk(['plugins', 'link', folder, '--yes']), {code: 0})
  }
})
