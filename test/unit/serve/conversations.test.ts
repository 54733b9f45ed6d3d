import assert from 'node:assert/strict'
import {appendFileSync, readFileSync, statSync} from 'node:fs'
import {join} from 'node:path'
import {ChatClient, wire} from '../../support/chat-client.js'
import {FakeAgents} from '../../support/fake-agents.js'
import {waitFor} from '../../support/wait-for.js'

describe("the session of a request to a vendor's API", () => {
  const agents = new FakeAgents().forEachTest()
  let chat: ChatClient
  beforeEach(() => {
    chat = new ChatClient(agents)
  })
  const sent = () => agents.sent.map(({prompt, session}) => ({prompt, ...(session as object)}))
  const ids = () => [...agents.stored.keys()]

  it('is continued with the last question alone, when the client brings the conversation along', async () => {
    const sessions = [await chat.say('one'), await chat.say('two'), await chat.say('three')]
    const [id] = ids()
    assert.deepEqual(
      sessions.map(({session}) => session),
      [id, id, id],
    )
    assert.deepEqual(sent(), [
      {prompt: 'one', kind: 'new', fresh: true, tags: []},
      {prompt: 'two', kind: 'named', reference: id, tags: []},
      {prompt: 'three', kind: 'named', reference: id, tags: []},
    ])
  })

  it('is found by a server that was started anew, in a file that only the user can read', async () => {
    await chat.say('one')
    const path = join(agents.home, '.clinvk/serve/conversations.jsonl')
    assert.equal(statSync(path).mode & 0o777, 0o600)
    assert.doesNotMatch(readFileSync(path, 'utf8'), /one|You said/)
    // As a crash leaves it.
    appendFileSync(path, '{"session":"cut')
    for (const question of ['two', 'three']) {
      const restarted = new ChatClient(agents)
      restarted.messages.push(...chat.messages)
      await restarted.say(question)
      chat.messages.splice(0, Infinity, ...restarted.messages)
    }
    assert.equal(ids().length, 1)
    assert.deepEqual(
      sent().map(({prompt}) => prompt),
      ['one', 'two', 'three'],
    )
  })

  it('is new for a first message, though another conversation began with the same', async () => {
    await chat.say('one')
    await new ChatClient(agents).say('one')
    assert.equal(ids().length, 2)
  })

  for (const [what, change] of [
    ['as a list of parts', (text: string) => [{type: 'text', text}]],
    ['with what the agent thought', (text: string) => `<think>\nhm\n</think>\n\n${text}\n`],
    ['with its thinking as details', (text: string) => `<details type="reasoning">hm</details> ${text}`],
  ] as const) {
    it(`is found when the client keeps answers ${what}`, async () => {
      await chat.say('one')
      chat.messages[1] = {role: 'assistant', content: change(String(chat.messages[1]!.content))}
      await chat.say('two')
      assert.equal(ids().length, 1)
    })
  }

  it('gets all questions after the last answer, with an empty line between them', async () => {
    await chat.say('one')
    chat.messages.push({role: 'user', content: 'two'})
    await chat.say('three')
    assert.equal(sent()[1]?.prompt, 'two\n\nthree')
    await chat.say('four')
    assert.equal(ids().length, 1)
  })

  describe('is a fork', () => {
    it('where a question is edited, or its answer asked for again, and the old one stays', async () => {
      for (const question of ['one', 'two', 'three']) await chat.say(question)
      const before = [...chat.messages]
      chat.messages.length = 2
      await chat.say('other')
      await chat.say('more')
      chat.messages.splice(0, Infinity, ...before)
      await chat.say('four')
      const [first, second] = ids()
      assert.deepEqual(sent().slice(3), [
        {prompt: 'other', kind: 'fork', reference: first, at: 1, tags: []},
        {prompt: 'more', kind: 'named', reference: second, tags: []},
        {prompt: 'four', kind: 'named', reference: first, tags: []},
      ])
    })

    it('of a fork at the turn that its conversation has, which are more than the session has', async () => {
      for (const question of ['one', 'two']) await chat.say(question)
      chat.messages.length = 2
      for (const question of ['b', 'c']) await chat.say(question)
      chat.messages.length = 4
      await chat.say('d')
      assert.deepEqual(sent().at(-1), {prompt: 'd', kind: 'fork', reference: ids()[1], at: 2, tags: []})
    })

    it('while a turn of it runs', async () => {
      await chat.say('one')
      let end: (value: unknown) => void = () => undefined
      agents.next = (prompt) => ({
        until: prompt === 'two' ? new Promise((resolve) => (end = resolve)) : undefined,
      })
      const other = new ChatClient(agents)
      other.messages.push(...chat.messages)
      const running = chat.say('two')
      await waitFor('the turn', () => agents.sent.length === 2)
      await other.say('three')
      end(undefined)
      await running
      assert.deepEqual(sent().at(-1), {prompt: 'three', kind: 'fork', reference: ids()[0], at: 1, tags: []})
    })

    it('of another agent, where the client changes the model within a conversation', async () => {
      await chat.say('one', {model: 'claude'})
      await chat.say('two', {model: 'codex/fast'})
      const {backend, model, session} = agents.sent[1]!
      assert.deepEqual([backend, model], ['codex', 'fast'])
      assert.deepEqual(session, {kind: 'fork', reference: ids()[0], at: undefined, tags: []})
    })
  })

  it('is new with the conversation as a document, once, where nobody knows it or it cannot be forked', async () => {
    chat.messages.push({role: 'user', content: 'long ago'}, {role: 'assistant', content: 'yes'})
    const first = await chat.say('one')
    assert.equal(first.headers.get('x-clinvk-history'), 'imported')
    assert.match(
      agents.sent[0]!.prompt,
      /^This conversation .*<conversation>\nuser: long ago\n\nassistant: yes\n<\/conversation>\n\none$/s,
    )
    const second = await chat.say('two')
    assert.equal(second.headers.get('x-clinvk-history'), null)
    assert.deepEqual([sent()[1]?.prompt, ids().length], ['two', 1])
    agents.isRecorded = false
    chat.messages.length = 4
    const edited = await chat.say('other')
    assert.equal(edited.headers.get('x-clinvk-history'), 'imported')
    assert.equal(ids().length, 2)
  })

  it('has at most 64 KiB of such a document, without its middle', async () => {
    const text = `first ${'ä'.repeat(60_000)} last`
    chat.messages.push({role: 'user', content: text}, {role: 'assistant', content: 'yes'})
    await chat.say('one')
    const {prompt} = agents.sent[0]!
    assert.ok(Buffer.byteLength(prompt) < 66_000)
    assert.match(prompt, /user: first .*\n\n\[\d+ bytes are left out here.]\n\n.* last\n\nassistant: yes/s)
    assert.doesNotMatch(prompt, /\uFFFD/)
  })

  it('is new where it was deleted', async () => {
    await chat.say('one')
    agents.stored.clear()
    assert.equal((await chat.say('two')).headers.get('x-clinvk-history'), 'imported')
  })

  it('is never that of another client', async () => {
    await chat.say('one')
    const other = new ChatClient(agents, {token: 'yours', headers: {'x-chat-id': '1'}})
    other.messages.push(...chat.messages)
    assert.equal((await other.say('two')).headers.get('x-clinvk-history'), 'imported')
  })

  describe('that a client names', () => {
    it('is used, by header or by model, and gets the last question alone', async () => {
      const {session} = await chat.say('one')
      for (const named of [
        {headers: {'x-clinvk-session': session!}},
        {model: `echo@${session}`},
        {model: `@${session}`},
      ])
        await new ChatClient(agents).say('two', named)
      assert.deepEqual([ids().length, sent().length], [1, 4])
      for (const {kind, prompt} of sent().slice(1) as {kind: string; prompt: string}[])
        assert.deepEqual([kind, prompt], ['named', 'two'])
    })

    it('is forked where the client edits an earlier question, and the fork is continued under the same name', async () => {
      const {session} = await chat.say('one')
      const model = `echo@${session}`
      for (const question of ['two', 'three']) await chat.say(question, {model})
      chat.messages.length = 2
      for (const question of ['other', 'more']) await chat.say(question, {model})
      const [first, second] = ids()
      assert.deepEqual(sent().slice(3), [
        {prompt: 'other', kind: 'fork', reference: first, at: 1, tags: []},
        {prompt: 'more', kind: 'named', reference: second, tags: []},
      ])
    })

    it('must exist, and be one of the agent', async () => {
      const missing = await chat.say('one', {model: 'echo@nothing'})
      assert.deepEqual([missing.status, wire(missing).error?.code], [404, 'session_not_found'])
      const {session} = await chat.say('one')
      const other = await new ChatClient(agents).say('two', {model: `claude@${session}`})
      assert.equal(other.status, 400)
    })

    it('is a new one with `new`, and none with `none`', async () => {
      await chat.say('one')
      await chat.say('two', {headers: {'x-clinvk-session': 'new'}})
      const none = await chat.say('three', {headers: {'x-clinvk-session': 'none'}})
      assert.deepEqual([ids().length, none.session], [2, undefined])
      assert.deepEqual(
        sent().map((one) => (one as {kind?: string}).kind),
        ['new', 'new', 'ephemeral'],
      )
    })
  })

  describe("with an id of the client's own for the conversation", () => {
    const headers = {'x-openwebui-chat-id': 'chat-1'}

    it('is found though the client leaves out the beginning', async () => {
      for (const question of ['one', 'two', 'three']) await chat.say(question, {headers})
      chat.messages.splice(0, 2)
      await chat.say('four', {headers})
      assert.deepEqual(sent().at(-1), {prompt: 'four', kind: 'named', reference: ids()[0], tags: []})
    })

    it('is not found by the id alone', async () => {
      await chat.say('one', {headers})
      const other = new ChatClient(agents, {headers})
      other.messages.push({role: 'user', content: 'x'}, {role: 'assistant', content: 'y'})
      assert.equal((await other.say('two')).headers.get('x-clinvk-history'), 'imported')
    })

    it('is the one of several with the same messages', async () => {
      const other = new ChatClient(agents, {headers: {'x-chat-id': 'other'}})
      for (const client of [chat, other]) await client.say('one', client === chat ? {headers} : {})
      await chat.say('two', {headers})
      await other.say('two')
      const [first, second] = ids()
      assert.deepEqual(
        sent()
          .slice(2)
          .map((one) => (one as {reference?: string}).reference),
        [first, second],
      )
    })
  })

  describe('of the Responses API', () => {
    const respond = async (body: object) => {
      const received = await chat.send('/openai/v1/responses', {model: 'echo', ...body})
      return {...received, body: wire(received)}
    }

    it('is the one of the previous response, also after a restart, and a fork of it where that is not its last', async () => {
      const first = await respond({input: 'one'})
      const [id] = ids()
      assert.equal(first.body.id, `resp_${id}_1`)
      chat = new ChatClient(agents)
      const second = await respond({input: 'two', previous_response_id: first.body.id})
      assert.equal(second.body.id, `resp_${id}_2`)
      await respond({input: 'other', previous_response_id: first.body.id})
      await respond({input: 'three', conversation: id})
      assert.deepEqual(sent().slice(1), [
        {prompt: 'two', kind: 'named', reference: id, tags: []},
        {prompt: 'other', kind: 'fork', reference: id, at: 1, tags: []},
        {prompt: 'three', kind: 'named', reference: id, tags: []},
      ])
    })

    it('must have that turn', async () => {
      const first = await respond({input: 'one'})
      const [id] = ids()
      for (const previous of ['resp_nothing', `resp_${id}_7`]) {
        const {body, status} = await respond({input: 'two', previous_response_id: previous})
        assert.deepEqual([status, body.error?.code], [400, 'previous_response_not_found'], previous)
      }
      await respond({input: 'two', previous_response_id: first.body.id})
      agents.isRecorded = false
      assert.equal((await respond({input: 'three', previous_response_id: first.body.id})).status, 400)
    })

    it('is none with store: false', async () => {
      await respond({input: 'one', store: false})
      assert.deepEqual(ids(), [])
    })
  })
})
