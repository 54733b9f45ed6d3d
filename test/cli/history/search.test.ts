import assert from 'node:assert/strict'
import {existsSync, readFileSync, rmSync, truncateSync} from 'node:fs'
import {join} from 'node:path'
import {sqliteDriver} from 'clinvk-plugin-history/search/database'
import {CliUser} from '../../support/cli-user.js'
import {filesIn} from '../../support/files-in.js'
import {linkKeeperAgent} from '../../support/keeper-agent.js'
import {each, ends} from '../../support/sandbox.js'
import {scenes} from '../../support/scenes.js'
import {minutesAgo, storeSession} from '../../support/stored-session.js'

interface Found {
  hits: {
    session_id?: string
    backend: string
    backend_session_id: string
    working_dir: string
    turn: number
    role: string
    snippet: string
  }[]
  total: number
}

describe('search', () => {
  const user = new CliUser().forEachTest()
  const alone = '11111111-2222-4333-8444-555555555555'

  const said = (role: string, text: string) =>
    JSON.stringify({type: 'text', at: '2026-01-02T03:04:05.000Z', role, text})

  beforeEach(() => {
    linkKeeperAgent(user)
    const lines = [
      JSON.stringify({cwd: '/somewhere'}),
      said('user', 'the owl at night'),
      said('assistant', 'It hoots\u0007.'),
    ]
    user.write(`.keeper/${alone}.jsonl`, `${lines.join('\n')}\n{"torn`)
  })

  const run = async (...words: string[]) => (await ends(user.clinvk(words), {code: 0})).stdout
  const find = async (...words: string[]) => JSON.parse(await run('search', '--json', ...words)) as Found
  const index = () => join(user.home, '.clinvk/history/index.sqlite')
  /** From now on searches read all conversations. */
  const ofLaterVersion = () => {
    const db = sqliteDriver()!(index())
    db.exec('pragma user_version = 99')
    db.close()
  }

  scenes(user, 'search')

  for (const words of ['-', '"', ':', '*', '🎉', '(', 'NEAR(', 'a AND', '\\', "'"])
    it(`takes ${words} as it stands`, async () => {
      assert.equal(await run('search', '--', words), 'Nothing found.\n')
    })

  it('finds what a sub-agent of codex said in a thread of its own in the conversation that it belongs to', async () => {
    const [main, sub] = ['1', '2'].map((digit) => `019b8f5e-0000-7000-8000-${digit.repeat(12)}`) as [
      string,
      string,
    ]
    const write = (id: string, meta: object, ...said: [second: number, type: string, message: string][]) => {
      const lines: {second?: number; type: string; payload: object}[] = [
        {type: 'session_meta', payload: {id, cwd: user.project, ...meta}},
        ...said.map(([second, type, message]) => ({second, type: 'event_msg', payload: {type, message}})),
      ]
      const text = lines.map(({second = 0, ...line}) =>
        JSON.stringify({timestamp: `2026-01-05T10:00:0${second}.000Z`, ...line}),
      )
      user.write(`.codex/sessions/2026/01/05/rollout-2026-01-05T10-00-00-${id}.jsonl`, `${text.join('\n')}\n`)
    }
    write(main, {}, [1, 'user_message', 'one'], [2, 'user_message', 'two'], [6, 'agent_message', 'Done.'])
    const source = {subagent: {thread_spawn: {parent_thread_id: main, agent_nickname: 'Ada'}}}
    write(
      sub,
      {source, parent_thread_id: main},
      [3, 'user_message', 'sub work'],
      [4, 'agent_message', 'A marmot.'],
    )
    const [hit] = (await find('marmot')).hits
    assert.deepEqual([hit?.backend_session_id, hit?.turn, hit?.role], [main, 2, 'assistant'])
    assert.match(
      await run('search', 'marmot'),
      /^.* one\n {2}2, agent: A marmot\.\n {2}clinvk resume 019b8f5e\n/,
    )
    assert.equal((await find(main)).total, 1)
    assert.match(await run('sessions', 'log', main, '--tools'), /> two\n\nAda: A marmot\.\n\nDone\./)
    assert.doesNotMatch(await run('sessions', 'log', main), /marmot|sub work/)
    const {stdout} = await ends(user.clinvk(['sessions', 'list', '--all', '-b', 'codex']), {code: 0})
    assert.match(stdout, /^(?=[^]*\n019b8f5e .* one\n)[^]*\b1 session/)
  })

  it('keeps no word of sessions that were deleted', async () => {
    const home = join(user.home, '.clinvk')
    const traces = () =>
      filesIn(home).filter((path) => /wombat/.test(readFileSync(join(home, path), 'latin1')))
    for (const words of [
      ['delete', '@last'],
      ['delete', '@last', '--agent'],
      ['clean', '--older-than', '1m'],
    ]) {
      await run('-b', 'keeper', 'a wombat', '--name', 'the-wombat')
      await run('history', 'sync')
      assert.equal((await find('wombat')).total, 3)
      assert.ok(traces().length > 2)
      const [session] = user.sessions()
      if (words[0] === 'clean')
        storeSession(user, String(session!.id), {...session, last_used: minutesAgo(2)})
      await run('sessions', ...words)
      assert.deepEqual(traces(), [], words.join(' '))
      // Else it is found again, as one of the agent's.
      rmSync(join(user.home, '.keeper'), {recursive: true, force: true})
    }
  })

  it('finds a conversation by the name or title that it was given, also one of an agent, as it is now', async () => {
    await run('-b', 'keeper', 'a fox', '--name', 'zoo-visit')
    user.write('.keeper/22222222-x.jsonl', `{"cwd":"/","title":"Night birds"}\n${said('user', 'who?')}\n`)
    const titles = async (...words: string[]) =>
      (await find(...words)).hits.map(({role, snippet, turn}) => `${turn} ${role}: ${snippet}`)
    const check = async (name: string) => {
      assert.deepEqual(await titles('visit'), name === 'zoo-visit' ? ['0 title: zoo-visit'] : [])
      assert.deepEqual(await titles('night birds'), ['0 title: Night birds'])
      assert.deepEqual(await titles('visit', '--tool'), [])
    }
    await run('history', 'sync')
    await check('zoo-visit')
    assert.match(
      await run('search', 'birds'),
      /Night birds\n {2}title: Night birds\n {2}clinvk resume 22222222\n/,
    )
    await run('sessions', 'rename', '@last', 'farm')
    await check('farm')
    assert.deepEqual(await titles('farm'), ['0 title: farm'])
    await run('history', 'sync')
    assert.deepEqual(await titles('farm'), ['0 title: farm'])
    ofLaterVersion()
    await check('farm')
  })

  it('finds once what two sessions on one conversation have, in the one used last', async () => {
    await run('-b', 'keeper', 'a fox')
    await run('-b', 'echo', 'two geese')
    const [echo, {id, backend_session_id} = {}] = user.sessions()
    assert.equal(backend_session_id && echo?.backend, 'echo')
    const older = storeSession(user, 'abc123', {backend: 'keeper', backend_session_id})
    const time = '2025-01-27T10:00:00Z'
    const lines = [
      {type: 'turn', prompt: 'a lynx', time},
      {type: 'done', outcome: 'failed', time},
    ]
    user.write(`.clinvk/transcripts/${older}.jsonl`, lines.map((line) => JSON.stringify(line)).join('\n'))
    const check = async () => {
      const {hits} = await find('fox')
      assert.deepEqual(each(hits, 'session_id'), [id, id])
      assert.equal((await find('lynx')).total, 1)
    }
    await check()
    ofLaterVersion()
    await check()
  })

  it('builds a damaged index anew', async () => {
    assert.equal((await find('owl')).total, 1)
    truncateSync(index(), 5000)
    assert.equal((await find('owl')).total, 1)
  })
})

describe('history sync', () => {
  const user = new CliUser().forEachTest()
  const sync = async () =>
    JSON.parse((await ends(user.clinvk('history sync --json'), {code: 0})).stdout) as Record<string, unknown>

  it('reads what is new or has changed, once, and counts it', async () => {
    linkKeeperAgent(user)
    await ends(user.clinvk(['-b', 'keeper', 'one']), {code: 0})
    const first = await sync()
    assert.deepEqual([first.state, first.read, first.conversations], ['done', 1, 1])
    assert.equal((await sync()).read, 0)
    await ends(user.clinvk(['-c', 'two']), {code: 0})
    assert.equal((await sync()).read, 1)
    assert.ok(!existsSync(join(user.home, '.clinvk/history/pending')))
    const ledger = readFileSync(join(user.home, '.clinvk/history/ledger.jsonl'), 'utf8')
    assert.equal(
      new Set(
        ledger
          .trim()
          .split('\n')
          .map((line) => (JSON.parse(line) as {key: string}).key),
      ).size,
      2,
    )
  })
})
