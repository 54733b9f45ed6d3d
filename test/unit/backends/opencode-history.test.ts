import assert from 'node:assert/strict'
import Database from 'libsql'
import {historyOf} from '../../support/history-of.js'

const MAIN = 'ses_main'
const SCHEMA = `
  create table session (id text primary key, parent_id text, directory text not null, title text not null,
    time_created integer not null, time_updated integer not null);
  create table message (id text primary key, session_id text not null, time_created integer not null,
    time_updated integer not null, data text not null);
  create table part (id text primary key, message_id text not null, session_id text not null,
    time_created integer not null, time_updated integer not null, data text not null);
`
const TOKENS = {input: 10, output: 5, reasoning: 2, cache: {read: 4, write: 1}}
const text = (text: string, more = {}) => ({type: 'text', text, ...more})
const tool = (state: object, more = {}) => ({type: 'tool', tool: 'bash', callID: 'c1', ...more, state: {input: {command: 'ls'}, ...state}}) // prettier-ignore
const user = {role: 'user'}
const model = {role: 'assistant', modelID: 'm', providerID: 'p', cost: 0.5, tokens: TOKENS}
const time = (ms: number) => new Date(ms).toISOString()

describe('the history of opencode', () => {
  let database: Database.Database
  let questions = 0
  beforeEach(() => {
    questions = 0
    database = new Database(':memory:')
    database.exec(SCHEMA)
  })
  afterEach(() => database.close())

  const session = (id: string, {parent = null as string | null, title = id, at = 1000} = {}) =>
    database.prepare('insert into session values (?, ?, ?, ?, ?, ?)').run(id, parent, '/work', title, at, at)
  let count = 0
  const message = (owner: string, at: number, data: unknown, ...parts: unknown[]) => {
    const id = `msg_${String(count++).padStart(6, '0')}`
    const asText = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value))
    database.prepare('insert into message values (?, ?, ?, ?, ?)').run(id, owner, at, at, asText(data))
    for (const [index, part] of parts.entries())
      database
        .prepare('insert into part values (?, ?, ?, ?, ?, ?)')
        .run(`prt_${id}_${index}`, id, owner, at + index, at + index, asText(part))
    return id
  }

  const history = () =>
    historyOf('opencode', '/home/ada', ({args: [, , , sql = '']}) => {
      questions++
      const stdout = JSON.stringify(database.prepare(sql).all())
      return Promise.resolve({code: 0, stdout: stdout.slice(0, 16 * 1024 * 1024), stderr: ''})
    })
  const read = async (id = MAIN) => (await history()).lines({id, paths: []})

  it('tells conversations without their sub-agents in one question, with what a change is known by', async () => {
    session(MAIN)
    session('ses_fork', {title: 'New session - 2026-01-01T00:00:00.000Z', at: 2000})
    session('ses_child', {parent: MAIN})
    session('odd id')
    const {conversations} = await history()
    const found = await conversations()
    const about = (title: string | undefined, ms: number) => ({cwd: '/work', title, forkedFrom: undefined, startedAt: time(ms), updatedAt: time(ms)}) // prettier-ignore
    assert.deepEqual(
      found.map(({version: _version, ...one}) => one),
      [
        {id: MAIN, paths: [], about: about(MAIN, 1000)},
        {id: 'ses_fork', paths: [], about: about(undefined, 2000)},
      ],
    )
    assert.equal(questions, 1)
    assert.deepEqual(await conversations(), found)
    message(MAIN, 3000, user)
    const [changed, same] = await conversations()
    assert.deepEqual([changed?.version === found[0]!.version, same], [false, found[1]])
    assert.deepEqual(await conversations({id: MAIN, cwd: '/'}), [changed])
  })

  it('asks nothing about ids that are none, and is empty where opencode is not installed', async () => {
    session(MAIN)
    const {conversations, transcript} = await history()
    for (const id of ['', '.', '..', "ses_x' or 1=1 --", 'main', 'x\0', `ses_${'x'.repeat(200)}`]) {
      assert.deepEqual(await conversations({id, cwd: '/'}), [])
      assert.deepEqual(await transcript({id, paths: []}), [])
    }

    assert.equal(questions, 0)
    const absent = await historyOf('opencode', '/home/ada')
    assert.deepEqual(await absent.conversations(), [])
    for (const answer of [
      {code: 1, stdout: '[]', stderr: ''},
      {code: 0, stdout: '[{"id', stderr: ''},
    ]) {
      const broken = await historyOf('opencode', '/home/ada', () => Promise.resolve(answer))
      await assert.rejects(broken.conversations(), /opencode does not answer/)
      await assert.rejects(broken.transcript({id: MAIN, paths: []}), /opencode does not answer/)
    }
  })

  it('tells prompts, answers, thoughts, tools and what calls have cost, in order and in one question', async () => {
    session(MAIN)
    session('ses_child', {parent: MAIN})
    message(MAIN, 1000, user, text('one'), text('read file', {synthetic: true}), {type: 'file', url: 'data:'})
    message(
      ...([MAIN, 2000, {...model, time: {completed: 2500}}, {type: 'step-start'}] as const),
      ...[{type: 'reasoning', text: 'hm'}, text('Looking.'), text('', {}), text('x', {synthetic: true})],
      tool({status: 'completed', output: 'a b', time: {start: 2100, end: 2200}}),
      tool({status: 'error', error: 'no'}, {callID: 'c2'}),
      tool({status: 'running'}, {callID: 'c3'}),
    )
    message('ses_child', 2050, user, text('sub work'))
    message('ses_child', 2060, model, text('sub done'))
    message(MAIN, 3000, {...model, summary: true, tokens: {...TOKENS, input: 99}}, text('A summary.'))
    message(MAIN, 4000, {...model, tokens: {input: 0, output: 0, reasoning: 0, cache: {read: 0, write: 0}}}, text('failed')) // prettier-ignore
    message(MAIN, 5000, {...model, cost: 0, tokens: {input: 1, output: 1}})
    const {transcript} = await history()
    const entries = await transcript({id: MAIN, paths: []})
    assert.equal(questions, 1)
    assert.deepEqual(await read(), [
      ...['user: one', 'thinks: hm', 'assistant: Looking.', 'calls bash ls', 'result: a b', 'calls bash ls', 'error: no'],
      ...['calls bash ls', 'cost 15/4/7/2', 'ses_child> assistant: sub done', 'ses_child> cost 15/4/7/2'],
      ...['cost 104/4/7/2', 'assistant: failed', 'cost 1/0/1/0'],
    ]) // prettier-ignore
    const calls = entries.filter(({type}) => type === 'call')
    const result = entries.find(({type}) => type === 'tool_result')
    assert.deepEqual(
      calls.map((entry) => entry.type === 'call' && [entry.at, entry.model, entry.cost, entry.cacheWriteTokens]),
      [[time(2500), 'p/m', 0.5, 1], [time(2060), 'p/m', 0.5, 1], [time(3000), 'p/m', 0.5, 1], [time(5000), 'p/m', undefined, 0]],
    ) // prettier-ignore
    assert.equal(result?.type === 'tool_result' && result.at, time(2200))
  })

  it('counts what a fork has copied by the same calls, and tells its messages as its own', async () => {
    session('ses_same_time', {at: 500})
    message('ses_same_time', 600, user, text('other'))
    for (const id of [MAIN, 'ses_fork']) {
      session(id, {at: id === MAIN ? 1000 : 9000})
      message(id, 1000, user, text('one'))
      message(id, 2000, model, text('seen'))
    }

    message('ses_fork', 9500, model, text('more'))
    session('ses_fork_of_fork', {at: 9900})
    for (const at of [1000, 2000, 9500]) message('ses_fork_of_fork', at, model, text('copied'))
    session('ses_handed', {at: 9900})
    message('ses_handed', 1500, user, text('of another agent'))
    const {conversations, transcript} = await history()
    const origins = (await conversations()).map(({about}) => about?.forkedFrom)
    assert.deepEqual(origins, [undefined, undefined, MAIN, 'ses_fork', undefined])
    const ids = async (id: string, isCall: boolean) =>
      (await transcript({id, paths: []})).flatMap((entry) =>
        'id' in entry && (entry.type === 'call') === isCall ? entry.id : [],
      )
    const [ours, theirs] = [await ids(MAIN, true), await ids('ses_fork', true)]
    assert.deepEqual(theirs.slice(0, 1), ours)
    assert.equal(theirs.length, 2)
    const own = new Set(await ids(MAIN, false))
    assert.ok((await ids('ses_fork', false)).every((id) => !own.has(id)))
  })

  it('tells what is whole where rows hold anything', async () => {
    session(MAIN)
    const values = ['', '{', 'null', '[]', '5', '"x"', '\u0001', '{"role":{}}', '{"__proto__":{"role":"user"}}', '{"role":"assistant","tokens":5,"time":5}'] // prettier-ignore
    for (const value of values) message(MAIN, 1000, value, ...values)
    const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`
    message(
      ...([MAIN, 2000, {...model, tokens: {input: 'x', output: -1, cache: []}, time: {completed: 'never'}}] as const),
      ...[{type: 'text', text: 5}, {type: 'tool', tool: {}, callID: 1}, {type: 'tool', tool: 'x', callID: 'c', state: 5}],
      ...['{"type":"tool","tool":"deep","callID":"d","state":{"status":"completed","output":{"a":[1]},"input":', `"x"`],
      `{"type":"tool","tool":"deep","callID":"d","state":{"status":"completed","output":[1],"input":${deep}}}`,
    ) // prettier-ignore
    message(MAIN, 3000, user, text("it's\0 kept"))
    assert.deepEqual(await read(), ['calls x undefined', 'calls deep undefined', 'result: [1]', "user: it's\0 kept"]) // prettier-ignore
    const cycle = database.prepare('update session set parent_id = ? where id = ?')
    cycle.run(MAIN, MAIN)
    assert.equal((await read()).length, 4)
  })

  it('tells all of a conversation that fits in no answer, also a text of 5 MB, each part once', async () => {
    session(MAIN)
    const long = '"\n'.repeat(500_000)
    for (let index = 0; index < 5; index++)
      message(MAIN, 1000, user, text(`${index}${long}`), text(`${index} more`))
    message(MAIN, 2000, user, text('p'.repeat(5_000_000)))
    message(MAIN, 3000, model, ...Array.from({length: 5100}, (_none, part) => text(`${part}`)))
    const lines = await read()
    assert.equal(lines.length, 5 + 1 + 5100 + 1)
    assert.ok(lines.slice(0, 6).every(({length}) => length > 1_000_000))
    assert.ok(questions < 12, `${questions} questions`)
  })
})
