import assert from 'node:assert/strict'
import {chmodSync, existsSync, mkdirSync, rmSync, statSync} from 'node:fs'
import {join} from 'node:path'
import {parse} from 'yaml'
import {CliUser} from '../support/cli-user.js'
import {ends, json} from '../support/sandbox.js'
import {scenes} from '../support/scenes.js'
import {storeSession} from '../support/stored-session.js'

/** The rows of the user's guide, on the echo backend. */
describe('sessions', () => {
  const user = new CliUser({CLINVK_BACKEND: 'echo'}).forEachTest()

  const out = async (...words: string[]) => (await user.clinvk(words)).stdout
  const file = (id: string) => join(user.home, '.clinvk/sessions', `${id}.json`)
  const put = (id: string, fields: object) => storeSession(user, id, fields)

  scenes(user, 'sessions')

  it('are files that only their owner can read, with the names of the reference program', async () => {
    await user.clinvk(['fix the bug in auth.go', '--tag', 'bug', '--name', 'auth-fix'])
    const [session] = user.sessions()
    assert.match(String(session?.id), /^[0-9a-f]{32}$/)
    assert.equal(statSync(file(String(session?.id))).mode & 0o777, 0o600)
    assert.equal(statSync(join(user.home, '.clinvk/sessions')).mode & 0o777, 0o700)
    const wanted = {
      backend: 'echo',
      initial_prompt: 'fix the bug in auth.go',
      last_outcome: 'success',
      model: 'echo-1',
      name: 'auth-fix',
      status: 'active',
      tags: ['bug'],
      title: 'fix the bug in auth.go',
      token_usage: {input_tokens: 5, output_tokens: 7},
      turn_count: 1,
      working_dir: user.project,
    }
    assert.deepEqual({...session, ...wanted}, session)
    assert.equal(session?.running, undefined)
  })

  it('go on with resume: the last one, by id, by the beginning of an id, by name, by @last', async () => {
    await user.clinvk(['one', '--name', 'first one'])
    const [{id}] = user.sessions() as [{id: string}]
    const ways = [
      ['resume', '--last', 'x y'],
      ['resume', '--latest', 'x y'],
      ['resume', '--last', '--here', '--backend', 'echo', 'x y'],
      ['resume', id, 'x y'],
      ['resume', id.slice(0, 8), 'x y'],
      ['resume', id.slice(0, 4), 'x y'],
      ['resume', 'first one', 'x y'],
      ['resume', '@last', 'x y'],
      ['resume', '@last:echo', 'x y'],
      ['--session', id.slice(0, 6), 'x y'],
    ]
    for (const [index, words] of ways.entries()) {
      assert.equal(
        (await user.clinvk(words)).stdout,
        `You said: x y\nThis is turn ${index + 2} of our conversation.\n`,
        words.join(' '),
      )
    }
  })

  it('stay in their directory, and say so when that is not the current one', async () => {
    await user.clinvk(['one'])
    const elsewhere = {cwd: user.directory('elsewhere')}
    const {stderr, ...result} = await user.clinvk(['-c', 'x y', '--json'], elsewhere)
    assert.equal(json({stderr, ...result}).working_dir, user.project)
    assert.match(stderr, new RegExp(`^Note: Session [0-9a-f]{8} continues in ${user.project}\n`))
    assert.equal((await user.clinvk(['resume', '--last', '--here', 'x y'], elsewhere)).code, 4)

    const wrong = await user.clinvk(['-c', '-w', '.', 'x y'], elsewhere)
    assert.match(wrong.stderr, /belongs to .*project, not to .*elsewhere/)
    assert.equal(wrong.code, 1)
    rmSync(user.project, {recursive: true})
    await ends(user.clinvk(['-c', 'x y'], elsewhere), {code: 4, stderr: /directory of session \w+ is gone/})
  })

  it('are shown as the guide shows, in valid YAML whatever the texts hold', async () => {
    put('abc123', {
      backend: 'claude',
      model: 'claude-opus-4-5-20251101',
      title: 'a: b #c',
      last_outcome: 'success',
      working_dir: '/projects/my app',
      initial_prompt: '- "x"\n\tü: \u0007',
      tags: ['a', 'b: c'],
      turn_count: 3,
      last_used: '2025-01-27T12:30:00.123+01:00',
      token_usage: {input_tokens: 1234, output_tokens: 5678, cached_tokens: 500},
      name: 'auth-fix',
      parent_id: 'fed',
      error_message: 'it broke',
      metadata: {ticket: 'A: 1'},
    })
    const stdout = await out('sessions', 'show', 'abc123')
    assert.match(
      stdout,
      /^ID: {16}abc12300000000000000000000000000\nName: {14}auth-fix\nBackend: {11}claude\nModel: {13}claude-opus-4-5-20251101\nStatus: {12}active\nCreated: {11}2025-01-27T10:00:00Z\nLast Used: {9}2025-01-27T11:30:00Z \(\d+ (month|year)s? ago\)\nWorking Directory: \/projects\/my app\n/,
    )
    assert.match(
      stdout,
      /\nToken Usage:\n {2}Input: {11}1,234\n {2}Output: {10}5,678\n {2}Cached: {10}500\n {2}Total: {11}6,912\nMetadata:\n {2}ticket: {10}"A: 1"\n$/,
    )
    const shown = parse(stdout) as Record<string, unknown>
    assert.equal(shown.Title, 'a: b #c')
    assert.equal(shown['Initial Prompt'], '- "x"\n\tü: \u0007')
    assert.equal(shown.Tags, 'a, b: c')
    assert.equal(shown.Turns, 3)
    assert.deepEqual(
      [shown.Name, shown['Parent Session'], shown.Error, shown.Metadata],
      ['auth-fix', 'fed', 'it broke', {ticket: 'A: 1'}],
    )
    const asJson = json(await user.clinvk(['sessions', 'show', 'abc123', '--json']))
    assert.deepEqual(
      [asJson.title, asJson.status, asJson.resumable, asJson.total_tokens],
      ['a: b #c', 'active', false, 6912],
    )
  })

  it('are deleted by what the user calls them, all or none', async () => {
    await user.clinvk(['one'])
    await user.clinvk(['two'])
    const [{id}] = user.sessions() as [{id: string}]
    await ends(user.clinvk(['sessions', 'delete', id, 'ffffffff']), {code: 4})
    assert.equal(user.sessions().length, 2)
    const {code, stdout} = await user.clinvk(['sessions', 'delete', id.slice(0, 6)])
    assert.match(stdout, new RegExp(`^Session ${id} deleted`))
    assert.equal(code, 0)
    const titles = user.sessions().map(({title}) => title)
    assert.deepEqual(titles, ['one'])
  })

  it('are not made by --ephemeral or --dry-run, nor by a turn that cannot start', async () => {
    await user.clinvk(['--ephemeral', 'quick question'])
    const dry = await user.clinvk(['--dry-run', `it's "me"`])
    assert.match(dry.stdout, /^Would execute: printf %s 'it'\\''s "me"' \| /)
    await user.clinvk(['-b', 'nope', 'x y'])
    await user.clinvk(['--max-turns', '3', 'x y'])
    assert.deepEqual(user.sessions(), [])
    assert.equal(existsSync(join(user.home, '.clinvk')), false)
    const pasted = await user.run('sh', ['-c', dry.stdout.split('\n')[0]!.replace('Would execute: ', '')])
      .finished
    assert.match(pasted.stdout, /"text":"You "/)
  })

  it('that cannot be written cost neither the answer nor the exit code', async function () {
    mkdirSync(join(user.home, '.clinvk'))
    // A file where the directory should be: nobody can write there, root neither.
    user.write('.clinvk/sessions', '')
    const result = await user.clinvk(['x y', '--json'])
    assert.equal(json(result).content, 'You said: x y')
    assert.equal(json(result).session_saved, false)
    assert.match(result.stderr, /^Note: The session cannot be saved: .*(EEXIST|ENOTDIR)/)
    assert.equal(result.code, 0)
    const run = await user.clinvk(['parallel', 'x y'])
    assert.match(run.stdout, /\n1 task: 1 succeeded, in [\d.]+s\n$/)
    chmodSync(join(user.home, '.clinvk'), 0o700)
  })
})
