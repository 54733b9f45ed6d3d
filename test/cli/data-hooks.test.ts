import assert from 'node:assert/strict'
import {CliUser} from '../support/cli-user.js'
import {calling, linkHookCaller} from '../support/hook-caller.js'
import {linkKeeperAgent} from '../support/keeper-agent.js'
import {json} from '../support/sandbox.js'
import {minutesAgo, storeSession} from '../support/stored-session.js'
import {CONVERSATION, hasRecorded, linkTalkingAgent} from '../support/talking-agent.js'

/** What clinvk answers to the hooks `sessions` and `history`. */
describe('what a plugin gets of sessions', () => {
  const user = new CliUser({CLINVK_BACKEND: 'echo'}).forEachTest()
  beforeEach(() => linkHookCaller(user))

  const call = (hook: 'sessions' | 'history', name: string, ...args: unknown[]) =>
    calling(user, hook, name, args)
  const printed = async (...words: string[]) => json(await user.clinvk([...words, '--json']))
  const given = async (...asked: Parameters<typeof call>) => {
    const {result, ...rest} = await call(...asked)
    assert.deepEqual(rest, {notes: []})
    return result as Record<string, unknown>
  }

  it('is what the commands print', async () => {
    linkKeeperAgent(user)
    const {session_id: id} = await user.ask('-b', 'keeper', 'one apple', '--tag', 'fruit')
    await user.ask('-c', 'and two pears')
    await user.ask('something else')
    const same: [command: string[], ...Parameters<typeof call>][] = [
      [['sessions', 'list'], 'sessions', 'list'],
      [
        ['sessions', 'list', '--tag', 'fruit', '--here'],
        'sessions',
        'list',
        {tags: ['fruit'], directory: user.project},
      ],
      [
        ['sessions', 'list', '-b', 'echo', '--since', '1h'],
        'sessions',
        'list',
        {backend: 'echo', since: minutesAgo(60)},
      ],
      [['sessions', 'show', id], 'sessions', 'show', id],
      [['sessions', 'show', id, '--cost'], 'sessions', 'show', id, {cost: true}],
      [['search', 'pears'], 'history', 'search', {words: ['pears']}],
      [
        ['search', 'two pears', '--tag', 'fruit'],
        'history',
        'search',
        {words: ['two pears'], tags: ['fruit']},
      ],
      [['search', '--tool', 'apple'], 'history', 'search', {words: ['apple'], tool: true}],
      [['search', 'apple', '--limit', '1'], 'history', 'search', {words: ['apple'], limit: 1}],
      [['usage'], 'history', 'usage'],
      [['usage', '--by', 'session', '-b', 'keeper'], 'history', 'usage', {by: 'session', backend: 'keeper'}],
    ]
    for (const [command, ...asked] of same)
      assert.deepEqual(await given(...asked), await printed(...command), command.join(' '))
    const {session, messages, turns, version} = await printed('sessions', 'log', id)
    assert.deepEqual(
      {version, ...(await given('history', 'log', id))},
      {version, session, messages, turns, from: 0, total: 4},
    )
  })

  it('is a page of the list, and how many there are, however many sessions are kept', async () => {
    for (const count of [5, 100]) {
      for (let index = 0; index < count; index++)
        storeSession(user, (0xa000 + index).toString(16), {
          last_used: minutesAgo(index),
          backend: index % 2 ? 'odd' : 'even',
        })
      const page = async (filter: object) => {
        const {sessions, total} = await given('sessions', 'list', filter)
        return [total, ...(sessions as {id: string}[]).map(({id}) => parseInt(id.slice(0, 4), 16) - 0xa000)]
      }
      assert.deepEqual(await page({limit: 2}), [count, 0, 1])
      assert.deepEqual(await page({limit: 2, offset: 2}), [count, 2, 3])
      assert.deepEqual(await page({limit: 2, offset: count - 1}), [count, count - 1])
      assert.deepEqual(await page({limit: 2, offset: count}), [count])
      assert.deepEqual(await page({limit: 1, offset: 1, backend: 'odd'}), [Math.floor(count / 2), 3])
      assert.deepEqual((await page({offset: 3})).slice(1, 3), [3, 4])
    }
  })

  it('is changed as by the commands, and what it is then is the answer', async () => {
    const {session_id: id} = await user.ask('hello', '--tag', 'old')
    const short = id.slice(0, 8)
    const shown = async () => {
      const {forks, last_answer, messages, records, ...session} = await printed('sessions', 'show', id)
      return session
    }
    const changes: [name: string, args: unknown[], fields: object][] = [
      ['rename', [short, 'greeting'], {name: 'greeting'}],
      ['tag', ['greeting', {add: ['new'], remove: ['old']}], {tags: ['new']}],
      ['close', ['greeting'], {status: 'completed'}],
      ['reopen', ['@last'], {status: 'active', closed_at: undefined}],
      ['rename', [id, ''], {name: undefined}],
    ]
    for (const [name, args, fields] of changes) {
      const session = await given('sessions', name, ...args)
      assert.deepEqual(session, await shown(), name)
      for (const [field, value] of Object.entries(fields)) assert.deepEqual(session[field], value, name)
    }
    assert.deepEqual(await given('sessions', 'delete', short), {deleted: [id]})
    assert.deepEqual(user.sessions(), [])
  })

  it('is a Failure where there is none, or what is asked makes no sense', async () => {
    storeSession(user, 'abcd')
    const wrong: [kind: string, message: RegExp, ...Parameters<typeof call>][] = [
      ['session', /There is no session "nothing"/, 'sessions', 'show', 'nothing'],
      ['session', /There is no session "nothing"/, 'history', 'log', 'nothing'],
      ['session', /There is no session "ffff"/, 'sessions', 'close', 'ffff'],
      ['usage', /cannot be the name/, 'sessions', 'rename', 'abcd', '@last'],
      ['usage', /has no tag x/, 'sessions', 'tag', 'abcd', {remove: ['x']}],
      ['usage', /cannot be a tag/, 'sessions', 'tag', 'abcd', {add: ['']}],
      ['usage', /not the id of a run/, 'sessions', 'list', {run: 'x'}],
      ['usage', /is empty/, 'history', 'search', {words: []}],
      ['usage', /is empty/, 'history', 'search', {words: [' ']}],
      ['usage', /Only one of from, turn and last/, 'history', 'log', 'abcd', {from: 1, last: 1}],
      ['usage', /limit is a whole number from 1 on, not 0/, 'history', 'log', 'abcd', {limit: 0}],
      ['usage', /from is a whole number from 0 on, not 1.5/, 'history', 'log', 'abcd', {from: 1.5}],
    ]
    for (const [kind, message, ...asked] of wrong) {
      const {failure} = await call(...asked)
      assert.match(failure?.message ?? '', message, JSON.stringify(asked))
      assert.equal(failure?.kind, kind, failure?.message)
    }
  })

  describe('of a long conversation', () => {
    const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 12, 0, second)).toISOString()
    const said = (index: number, text = String(index)) => ({
      id: `m${index}`,
      type: 'text',
      role: index % 4 === 0 ? 'user' : 'assistant',
      text,
      at: at(index),
    })

    beforeEach(() => linkTalkingAgent(user))

    /** Places of the messages, those of the turns, and what follows. */
    const part = async (asked: object) => {
      const {from, messages, next, total, turns} = await given('history', 'log', CONVERSATION, asked)
      const texts = (messages as {text: string}[]).map(({text}) => Number(text.slice(0, 4)))
      return [texts, (turns as {turn: number}[]).map(({turn}) => turn), from, next, total]
    }

    it('is the part that is asked for, and where it stands', async () => {
      hasRecorded(user, ...Array.from({length: 12}, (_, index) => said(index)))
      const cases: [asked: object, ...Awaited<ReturnType<typeof part>>][] = [
        [{limit: 3}, [0, 1, 2], [1], 0, 3, 12],
        [{from: 3, limit: 3}, [3, 4, 5], [1, 2], 3, 6, 12],
        [{from: 10}, [10, 11], [3], 10, undefined, 12],
        [{from: 12}, [], [], 12, undefined, 12],
        [{from: 99}, [], [], 12, undefined, 12],
        [{turn: 2, limit: 5}, [4, 5, 6, 7, 8], [2, 3], 4, 9, 12],
        [{last: 1}, [8, 9, 10, 11], [3], 8, undefined, 12],
        [{last: 2, limit: 5}, [7, 8, 9, 10, 11], [2, 3], 7, undefined, 12],
        [{last: 9}, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], [1, 2, 3], 0, undefined, 12],
      ]
      for (const [asked, ...expected] of cases)
        assert.deepEqual(await part(asked), expected, JSON.stringify(asked))
    })

    it('is no more than fits, unless it is asked for', async () => {
      hasRecorded(user, ...Array.from({length: 1500}, (_, index) => said(index)))
      const [texts, , from, next, total] = await part({})
      assert.deepEqual([(texts as number[]).length, from, next, total], [1000, 0, 1000, 1500])
      hasRecorded(user, ...Array.from({length: 5}, (_, index) => said(index, `${index}`.padEnd(6_000_000))))
      assert.deepEqual(await part({}), [[0, 1, 2], [1], 0, 3, 5])
      assert.deepEqual(await part({last: 2}), [[2, 3, 4], [1, 2], 2, undefined, 5])
    })

    it('ends where the reader stops', async () => {
      hasRecorded(user, said(0), said(1))
      for (const [name, asked] of [
        ['log', CONVERSATION],
        ['search', {words: ['1']}],
      ] as const) {
        const args = name === 'log' ? [asked, {}] : [asked]
        const {failure} = await calling(user, 'history', name, args, {isStopped: true})
        assert.equal(failure?.kind, 'cancelled', name)
      }
    })
  })

  it('is also what an agent had without clinvk, which becomes a session when it is changed', async () => {
    linkTalkingAgent(user)
    hasRecorded(user, {id: 'a', type: 'text', role: 'user', text: 'by hand', at: '2026-01-01T12:00:00Z'})
    const {id, source, backend_session_id: native} = await given('sessions', 'show', CONVERSATION)
    assert.deepEqual([id, source, native], [undefined, 'agent', CONVERSATION])
    assert.deepEqual(user.sessions(), [])
    const {notes, result} = await call('sessions', 'tag', CONVERSATION.slice(0, 6), {add: ['mine']})
    assert.match(notes.join(), /^This conversation of talker is session [0-9a-f]{8} now\.$/)
    const [session] = user.sessions()
    assert.deepEqual([session?.id, session?.tags], [(result as {id: string}).id, ['mine']])
  })
})
