import assert from 'node:assert/strict'
import {chmodSync, existsSync, mkdirSync, rmSync, statSync} from 'node:fs'
import {join} from 'node:path'
import {parse} from 'yaml'
import {CliUser} from '../support/cli-user.js'
import {ends, json} from '../support/sandbox.js'
import {storeSession} from '../support/stored-session.js'

/** The rows of the user's guide, on the echo backend. */
describe('sessions', () => {
  const user = new CliUser({CLINVK_BACKEND: 'echo'}).forEachTest()

  const out = async (...words: string[]) => (await user.clinvk(words)).stdout
  const file = (id: string) => join(user.home, '.clinvk/sessions', `${id}.json`)
  const put = (id: string, fields: object) => storeSession(user, id, fields)

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

  it('go on with -c, again and again, in the conversation that was used last', async () => {
    await user.clinvk(['implement the feature'])
    await user.clinvk(['something else'])
    const first = user.sessions().find(({title}) => title === 'implement the feature')!
    await user.clinvk(['resume', String(first.id), 'now add tests'])
    assert.equal(
      await out('-c', 'update the documentation'),
      'You said: update the documentation\nThis is turn 3 of our conversation.\n',
    )
    const turns = user.sessions().map(({turn_count: count}) => count)
    assert.deepEqual(turns, [3, 1])
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

  it('take every flag of a turn on resume, and a prompt from a file or standard input', async () => {
    await user.clinvk(['one'])
    const result = json(
      await user.clinvk('resume --last -o json --system-prompt "be --brief" -m echo-2 -', {stdin: '--go on'}),
    )
    assert.equal(
      result.content,
      'You said: --go on\nThis is turn 2 of our conversation.\nMy instructions: be --brief',
    )
    assert.equal(result.model, 'echo-2')
    user.write('project/task.md', 'from a file')
    assert.match(await out('resume', '--last', '--file', 'task.md'), /^You said: from a file\n/)
  })

  it('hand words to the agent that are also flags of clinvk, on resume too', async () => {
    for (const words of [['one two'], ['resume', '--last', 'one two']]) {
      const stdout = await out(...words, '--dry-run', '--extra=-c', '--extra=--json', '--extra', 'x')
      assert.match(stdout, / -c --json x\n/)
      await user.clinvk(['one'])
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

  it('are listed as the guide shows', async () => {
    const minutes = (count: number) => new Date(Date.now() - count * 60_000 - 1000).toISOString()
    put('abc123', {
      backend: 'claude',
      last_used: minutes(5),
      initial_prompt: 'fix the bug in auth.go',
      token_usage: {input_tokens: 1000, output_tokens: 234},
      last_outcome: 'success',
      backend_session_id: 'x',
    })
    put('def456', {
      backend: 'codex',
      last_used: minutes(130),
      title: 'implement user\n\u001B[31mregistration',
      closed_at: minutes(130),
      token_usage: {input_tokens: 5000, output_tokens: 678},
    })
    const stdout = await out('sessions', 'list')
    assert.equal(
      stdout,
      [
        'ID        BACKEND   STATUS     LAST USED       TOKENS       TITLE/PROMPT',
        'abc12300  claude    active     5 minutes ago   1,234        fix the bug in auth.go',
        'def45600  codex     completed  2 hours ago     5,678        implement user registration',
        '',
        '2 sessions, 6,912 tokens',
        '',
      ].join('\n'),
    )
  })

  it('are listed by backend, status, directory and number, combined; the same as JSON', async () => {
    const usage = {token_usage: {input_tokens: 3, output_tokens: 4}}
    const good = {last_outcome: 'success', backend_session_id: 'x', ...usage}
    put('a', {last_used: '2025-01-27T11:30:03Z', ...good})
    put('b', {last_used: '2025-01-27T11:30:02Z', last_outcome: 'auth', working_dir: '/else'})
    put('c', {last_used: '2025-01-27T11:30:01Z', last_outcome: 'cancelled', backend: 'claude'})
    const ids = async (...flags: string[]) => {
      const {sessions, total} = json(await user.clinvk(['sessions', 'list', '--json', ...flags]))
      return [(sessions as {id: string}[]).map(({id}) => id[0]).join(''), total]
    }
    for (const [words, ...found] of [
      ['', 'abc', 3],
      ['--backend claude', 'c', 1],
      ['--status active', 'a', 1],
      ['--status error', 'b', 1],
      ['--status paused', 'c', 1],
      ['--status running', '', 0],
      ['--here', 'ac', 2],
      ['--backend echo --limit 1', 'a', 2],
    ] as const)
      assert.deepEqual(await ids(...words.split(' ').filter(Boolean)), found, words)
    const {sessions} = json(await user.clinvk(['sessions', 'list', '--json']))
    const [first] = sessions as Record<string, unknown>[]
    assert.deepEqual(
      [first?.status, first?.running, first?.resumable, first?.total_tokens, first?.last_used],
      ['active', false, true, 7, '2025-01-27T11:30:03Z'],
    )
    const unknown = await user.clinvk(['sessions', 'list', '--status', 'foo'])
    assert.match(unknown.stderr, /Allowed: active, completed, paused, error, running/)
    assert.equal(unknown.code, 1)
  })

  it('are an empty list for a new user, without tokens where there are none', async () => {
    assert.equal(await out('sessions', 'list'), 'No sessions found.\n')
    const list = async () => json(await user.clinvk(['sessions', 'list', '--json']))
    assert.deepEqual(await list(), {sessions: [], total: 0})
    put('a'.repeat(32), {token_usage: {input_tokens: 0, output_tokens: 0}})
    assert.equal((await list()).token_usage, undefined)
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

  it('say what is wrong with a reference: unknown, ambiguous, too short, not resumable', async () => {
    put('abcd1111', {title: 'the one'})
    put('abcd2222', {title: 'the other', backend_session_id: 'x', backend: 'claude'})
    const cases: [words: string[], code: number, says: RegExp][] = [
      [['resume', 'ffff', 'x y'], 4, /There is no session "ffff"/],
      [['resume', 'continue with tests'], 4, /Did you mean: clinvk resume --last 'continue with tests'/],
      [
        ['resume', 'abcd', 'x y'],
        4,
        /matches 2 sessions[^]*abcd1111 {2}echo .* the one\n {2}abcd2222 {2}claude/,
      ],
      [['resume', 'abc', 'x y'], 4, /too short/],
      [['resume', 'abcd1111', 'x y'], 4, /cannot be resumed: echo never reported an id/],
      [['resume', 'abcd2222', '-b', 'echo', 'x y'], 1, /belongs to claude/],
      [['resume', '../../etc/passwd', 'x y'], 4, /There is no session/],
      [['resume', '@nope', 'x y'], 4, /not a reference to a session/],
      [['resume', '--last', '-b', 'echo', 'x y'], 4, /no session of echo to resume/],
      [['-c', '-b', 'echo', 'x y'], 4, /no session of echo to resume/],
      [['resume', 'x y'], 4, /There is no session/],
      [['resume'], 1, /Say which session/],
      [['resume', '--interactive'], 1, /without a terminal none can be picked/],
      [['resume', '--here', '--backend', 'claude'], 1, /resume --last/],
      [['resume', '--last', 'one', 'two'], 1, /With --last the only argument is the prompt/],
      [['resume', 'abcd2222'], 1, /There is no prompt/],
      [['resume', '--last', '--ephemeral', 'x y'], 1, /--ephemeral cannot be used with resume/],
      [['sessions', 'show', 'ffff'], 4, /There is no session/],
      [['--name', 'abcdef', 'x y'], 1, /looks like the beginning of an id/],
      [['--name', '@me', 'x y'], 1, /does not begin with @/],
      [['-c', '--new', 'x y'], 1, /--continue/],
      [['-c', '--ephemeral', 'x y'], 1, /--ephemeral/],
    ]
    for (const [words, code, says] of cases) {
      await ends(user.clinvk(words), {code, stderr: says})
    }
  })

  it('forget the error of a turn when the next one succeeds', async () => {
    await user.clinvk(['one'])
    const [session] = user.sessions() as [{id: string}]
    put(session.id, {...session, error_message: 'it broke', last_outcome: 'failed'})
    assert.match(await out('sessions', 'show', '@last'), /Status: +error\n[^]*Error: +it broke\n/)
    await user.clinvk(['-c', 'two'])
    assert.deepEqual([user.sessions()[0]?.error_message, user.sessions()[0]?.status], [undefined, 'active'])
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

  it('go on by themselves with session.auto_resume, in the same directory, unless --new says no', async () => {
    user.write('.clinvk/config.yaml', 'session:\n  auto_resume: true\n  default_tags: [mine]\n')
    await user.clinvk(['one'])
    await ends(user.clinvk(['two']), {stdout: /turn 2/, stderr: /Continuing session [0-9a-f]{8}/})
    assert.doesNotMatch((await user.clinvk(['three'], {cwd: user.directory('elsewhere')})).stdout, /turn/)
    assert.doesNotMatch(await out('--new', 'four'), /turn/)
    const tags = user.sessions().map((session) => session.tags)
    assert.deepEqual(tags, [['mine'], ['mine'], ['mine']])
  })
})
