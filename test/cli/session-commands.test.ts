import assert from 'node:assert/strict'
import {readFileSync, symlinkSync} from 'node:fs'
import {join} from 'node:path'
import {identify} from 'clinvk-kit/process/identity'
import {CliUser} from '../support/cli-user.js'
import {ends, json} from '../support/sandbox.js'
import {minutesAgo, storeSession} from '../support/stored-session.js'

describe('the commands of sessions', () => {
  const user = new CliUser({CLINVK_BACKEND: 'echo'}).forEachTest()

  const ids = async (...words: string[]) => {
    const {sessions} = json(await user.clinvk(['sessions', 'list', '--json', ...words]))
    return (sessions as {id: string}[]).map(({id}) => id.replace(/0+$/, '')).join(' ')
  }

  it('list by tag, by time and in another order', async () => {
    storeSession(user, 'a', {last_used: minutesAgo(5), tags: ['bug', 'x'], token_usage: {input_tokens: 1}})
    storeSession(user, 'b', {last_used: minutesAgo(90), tags: ['bug'], token_usage: {output_tokens: 9}})
    storeSession(user, 'c', {backend: 'claude', created_at: '2025-02-01T00:00:00Z'})
    assert.equal(await ids('--tag', 'bug'), 'a b')
    assert.equal(await ids('--tag', 'bug', '--tag', 'x'), 'a')
    assert.equal(await ids('--since', '1h'), 'a')
    assert.equal(await ids('--since', '1'), 'a b')
    assert.equal(await ids('--since', '2025-01-26'), 'a b c')
    assert.equal(await ids('--sort', 'tokens'), 'b a c')
    assert.equal(await ids('--sort', 'created'), 'c a b')
    assert.equal(await ids('--sort', 'backend'), 'c a b')
    for (const words of [
      ['--since', 'yesterday'],
      ['--since', '2025-13-01'],
      ['--since', '2026-02-30'],
      ['--since', '2025-02-29T09:30'],
      ['--sort', 'size'],
      ['--limit', '-1'],
    ]) {
      await ends(user.clinvk(['sessions', 'list', ...words]), {code: 1, stderr: /^Error: .*\n(?: .*\n)*$/})
    }
  })

  it('say that a session is dated in the future', async () => {
    const id = storeSession(user, 'a', {last_used: new Date(Date.now() + 86_400_000).toISOString()})
    assert.match((await user.clinvk(['sessions', 'list'])).stdout, / in the future /)
    assert.match((await user.clinvk(['sessions', 'show', id])).stdout, /Last Used: .* \(in the future\)/)
  })

  it('name no directory where a session has none', async () => {
    const id = storeSession(user, 'abcd', {working_dir: '', backend_session_id: 'x'})
    const here = await user.clinvk(['resume', id, '--here', 'go on'])
    assert.match(here.stderr, /belongs to no directory, not to this directory\./)
    await ends(user.clinvk(['resume', id, 'go on']), {code: 0, stderr: ''})
    assert.match((await user.clinvk(['resume', id], {onTerminal: true})).stderr, /echo|Echo/i)
  })

  it('sum up sessions and tokens of all that match, before the limit', async () => {
    storeSession(user, 'a', {token_usage: {input_tokens: 1000, output_tokens: 234, cached_tokens: 500}})
    storeSession(user, 'b', {token_usage: {input_tokens: 5000, output_tokens: 678}})
    storeSession(user, 'c', {backend: 'claude', token_usage: {input_tokens: 1}})
    const {sessions, ...totals} = json(await user.clinvk('sessions list --json --backend echo -n 1'))
    assert.equal((sessions as []).length, 1)
    assert.deepEqual(totals, {
      total: 2,
      token_usage: {input_tokens: 6000, output_tokens: 912, cached_tokens: 500},
      total_tokens: 6912,
    })
    assert.match((await user.clinvk('sessions list -n 1')).stdout, /\n\n3 sessions, 6,913 tokens\n$/)
  })

  it('show no tokens where none are to be kept, those of older turns neither', async () => {
    const id = storeSession(user, 'abcd', {token_usage: {input_tokens: 1234}, backend_session_id: 'x'})
    user.write('.clinvk/config.yaml', 'session: {store_token_usage: false}\n')
    await user.clinvk(['a new one'])
    assert.equal(user.sessions().find((session) => session.id !== id)?.token_usage, undefined)
    for (const words of [['list'], ['list', '--json'], ['show', 'abcd'], ['show', 'abcd', '--json']]) {
      const {stdout} = await ends(user.clinvk(['sessions', ...words]), {code: 0})
      assert.doesNotMatch(stdout, /1,?234|token_usage|total_tokens|Token Usage| tokens/, words.join(' '))
    }
  })

  it('rename, with a name that then works everywhere, and is unique', async () => {
    storeSession(user, 'abcd', {backend_session_id: 'x', backend_state: {turns: 1}})
    storeSession(user, 'ef01')
    const renamed = await user.clinvk(['sessions', 'rename', 'abcd', 'auth-fix'])
    assert.equal(renamed.stdout, 'Session abcd0000 is now called auth-fix.\n')
    assert.match((await user.clinvk(['resume', 'auth-fix', 'x y'])).stdout, /turn 2/)
    assert.match((await user.clinvk(['sessions', 'list'])).stdout, /auth-fix\n/)
    const cases: [words: string[], code: number, says: RegExp][] = [
      [['ef01', 'auth-fix'], 1, /"auth-fix" is taken by session abcd0000/],
      [['ef01', 'abcdef'], 1, /looks like the beginning of an id/],
      [['ef01', '@last'], 1, /does not begin with @/],
      [['nobody', 'x'], 4, /There is no session "nobody"/],
    ]
    for (const [words, code, says] of cases) {
      await ends(user.clinvk(['sessions', 'rename', ...words]), {code, stderr: says})
    }

    await user.clinvk(['sessions', 'rename', 'auth-fix', ''])
    assert.equal((await user.clinvk(['sessions', 'rename', 'ef01', 'auth-fix'])).code, 0)
    await ends(user.clinvk(['--name', 'auth-fix', 'x y']), {code: 1, stderr: /is taken by session ef010000/})
    assert.equal(user.sessions().length, 2)
  })

  it('tag, add and remove', async () => {
    storeSession(user, 'abcd', {tags: ['one']})
    const tag = (...words: string[]) => user.clinvk(['sessions', 'tag', ...words])
    assert.equal(
      (await tag('abcd', 'add', 'two', 'three')).stdout,
      'Session abcd0000 has the tags one, two, three.\n',
    )
    assert.equal((await tag('abcd', 'add', 'two')).stdout, 'Session abcd0000 has the tags one, two, three.\n')
    assert.deepEqual(json(await tag('abcd', 'remove', 'one', 'two', '--json')).tags, ['three'])
    await ends(tag('abcd', 'remove', 'four'), {code: 1, stderr: /has no tag four[^]*It has: three/})
    assert.equal((await tag('abcd', 'add', '')).code, 1)
    assert.equal((await tag('abcd', 'add', 'a\nb')).code, 1)
    assert.equal((await tag('abcd', 'drop', 'three')).code, 1)
    assert.equal((await tag('abcd', 'remove', 'three')).stdout, 'Session abcd0000 has no tags.\n')
  })

  it('close and reopen; going on with a closed session opens it, and says so', async () => {
    await user.clinvk(['one'])
    await ends(user.clinvk(['sessions', 'close', '@last']), {stdout: /^Session [\da-f]{8} closed\.\n$/})
    assert.match((await user.clinvk('sessions list --status completed')).stdout, / completed .* one\n/)
    const {stderr, stdout} = await user.clinvk(['-c', 'two'])
    assert.match(stdout, /turn 2/)
    assert.match(stderr, /^Note: Session [\da-f]{8} was closed; it is open again\.\n/)
    assert.equal(user.sessions()[0]?.closed_at, undefined)
    await user.clinvk(['sessions', 'close', '@last'])
    assert.match((await user.clinvk(['sessions', 'reopen', '@last'])).stdout, /is open again/)
    assert.equal(user.sessions()[0]?.status, 'active')
  })

  it('clean by last use, without a question, and leave what runs', async () => {
    storeSession(user, 'a', {last_used: minutesAgo(60 * 24 * 31)})
    storeSession(user, 'b', {last_used: minutesAgo(60 * 24 * 8), created_at: '2020-01-01T00:00:00Z'})
    storeSession(user, 'c', {last_used: minutesAgo(90)})
    const turn = {clinvk: identify(process.pid)}
    const running = storeSession(user, 'd', {last_used: minutesAgo(60 * 24 * 40), running: turn})
    const clean = (...words: string[]) => user.clinvk(['sessions', 'clean', ...words])
    await ends(clean('--older-than', '7d', '--dry-run'), {
      stdout:
        /^Would delete 2 sessions older than 7d:\n {2}b0000000 .*\n {2}a0000000 .*\nKept 1 running session of that age\./,
    })
    assert.equal(user.sessions().length, 4)
    assert.equal(
      (await clean()).stdout,
      'Deleted 1 session older than 30 days.\nKept 1 running session of that age.\n',
    )
    assert.deepEqual(json(await clean('--older-than', '7', '--yes', '--json')), {
      deleted: ['b'.padEnd(32, '0')],
      skipped: [running],
    })
    assert.match((await clean('--older-than', '1w')).stdout, /^Deleted 0 sessions/)
    assert.match((await clean('--older-than', '2h')).stdout, /^Deleted 0 sessions/)
    assert.match((await clean('--older-than', '80m')).stdout, /^Deleted 1 session /)
  })

  it('clean nothing for a wrong age, or when sessions are kept for ever', async () => {
    storeSession(user, 'a')
    for (const age of ['0', '0d', '-1', '30x', '1.5h', '', '12abc']) {
      const {code, stderr} = await user.clinvk(['sessions', 'clean', `--older-than=${age}`])
      assert.equal(code, 1, age)
      assert.match(stderr, /is not an age\.\n {2}Write 30d/)
    }

    user.write('.clinvk/config.yaml', 'session: {retention_days: 0}\n')
    assert.equal(
      (await user.clinvk(['sessions', 'clean'])).stdout,
      'Nothing is deleted: session.retention_days is 0, keep for ever.\n',
    )
    assert.equal(user.sessions().length, 1)
    assert.match((await user.clinvk('sessions clean --older-than 30d')).stdout, /^Deleted 1 session/)
  })

  it('take a directory by its real path', async () => {
    const link = join(user.home, 'link')
    symlinkSync(user.project, link)
    storeSession(user, 'a', {working_dir: link, backend_session_id: 'x'})
    assert.equal(await ids('--here'), 'a')
    await ends(user.clinvk(['resume', '--last', '--here', 'x y'], {cwd: link}), {code: 0})
    const elsewhere = {cwd: user.directory('elsewhere')}
    const wrong = await user.clinvk(['resume', 'a000', '--here', 'x y'], elsewhere)
    assert.match(wrong.stderr, /belongs to .*, not to this directory/)
    assert.equal(wrong.code, 1)
  })

  it('leave alone what a later version wrote, and say so', async () => {
    const id = storeSession(user, 'abcd', {version: 2, last_used: {at: 'a time'}})
    const path = join(user.home, `.clinvk/sessions/${id}.json`)
    const before = readFileSync(path, 'utf8')
    await user.clinvk(['one'])
    const {code, stderr} = await user.clinvk(['sessions', 'list'])
    assert.equal(stderr, `Note: ${path} was written by a later version of clinvk.\n`)
    assert.equal(code, 0)
    for (const words of [
      ['show', id],
      ['delete', id],
      ['rename', id, 'x'],
      ['close', id],
    ]) {
      await ends(user.clinvk(['sessions', ...words]), {code: 4, stderr: /was written by a later version/})
    }

    await user.clinvk(['sessions', 'clean', '--older-than', '1m'])
    assert.equal(readFileSync(path, 'utf8'), before)
  })
})
