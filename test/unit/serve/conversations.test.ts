import assert from 'node:assert/strict'
import {appendFileSync, readFileSync, statSync} from 'node:fs'
import {join} from 'node:path'
import {ChatClient, eventsOf, wire} from '../../support/chat-client.js'
import {FakeAgents, refusal} from '../../support/fake-agents.js'
import {waitFor} from '../../support/wait-for.js'

describe("the session of a request to a vendor's API", () => {
  const agents = new FakeAgents().forEachTest()
  let chat: ChatClient
  beforeEach(() => {
    agents.sent.length = 0
    agents.stored.clear()
    agents.next = () => ({})
    agents.isRecorded = true
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

  describe("with the client's instructions", () => {
    it('begins with them, and is told when they change', async () => {
      const system = {role: 'system', content: 'Be kind.'}
      chat.messages.push(system)
      await chat.say('one')
      assert.equal(agents.sent[0]!.prompt, '<instructions>\nBe kind.\n</instructions>\n\none')
      assert.equal((await chat.say('two')).headers.get('x-clinvk-ignored'), null)
      chat.messages[0] = {role: 'developer', content: 'Be rude.'}
      const third = await chat.say('three')
      assert.equal(third.headers.get('x-clinvk-ignored'), 'system')
      assert.deepEqual([agents.sent[2]!.prompt, ids().length], ['three', 1])
    })
  })

  describe('of what a chat program asks for itself', () => {
    const title =
      '### Task:\nGenerate a title.\nJSON format: { "title": "..." }\n<chat_history>\nUSER: fix the bug\nASSISTANT: done\n</chat_history>'
    const concise =
      'Provide a concise, 5-word-or-less title for the conversation, using title case conventions. Only return the title itself.\n\nConversation:\nUser: fix the bug\nAI: done'

    it('is none, and the agent may change nothing and uses its fast model', async () => {
      await chat.say('one', {model: 'codex'})
      for (const text of [title, concise]) await new ChatClient(agents).say(text, {model: 'codex'})
      assert.equal(ids().length, 1)
      for (const {model, sandbox_mode: sandbox, session} of agents.sent.slice(1))
        assert.deepEqual([model, sandbox, session], ['fast', 'read-only', {kind: 'ephemeral'}])
    })

    it('is none, and no agent is asked, where that is switched off or the agent cannot be kept from changing things', async () => {
      const off = () => new ChatClient(agents, {tasks: 'off'})
      const tags = title.replace('title', 'tags').replace('"title"', '"tags"')
      for (const [client, model, text, answer] of [
        [off(), 'codex', title, '{"title":"fix the bug"}'],
        [off(), 'codex', tags, '{"tags":[]}'],
        [off(), 'codex', concise, 'fix the bug'],
        [chat, 'echo', title, '{"title":"fix the bug"}'],
      ] as const)
        assert.equal((await client.say(text, {model})).answer, answer)
      assert.deepEqual([agents.sent, ids()], [[], []])
    })

    it('is not meant by a question about documents', async () => {
      await chat.say('### Task:\nRespond to the user query.\n<context>a</context>\nfix the bug', {
        model: 'codex',
      })
      assert.equal(ids().length, 1)
    })
  })

  describe('of a request that is sent again', () => {
    const body = {model: 'echo', messages: [{role: 'user', content: 'one'}]}
    const send = (retry?: number, more = {}, signal?: AbortSignal) =>
      chat.send(
        '/openai/v1/chat/completions',
        {...body, ...more},
        retry === undefined ? {} : {'x-stainless-retry-count': String(retry)},
        signal,
      )

    it('is the same while its turn runs, and the answer is heard from its beginning', async () => {
      let end: (value: unknown) => void = () => undefined
      agents.next = () => ({text: ['be', 'gun'], until: new Promise((resolve) => (end = resolve))})
      const first = send(undefined, {stream: true})
      await waitFor('the turn', () => agents.sent.length === 1)
      const second = send(undefined, {stream: true})
      const gone = new AbortController()
      const third = send(1, {stream: true}, gone.signal)
      await Promise.race([first, second, new Promise((resolve) => setImmediate(resolve))])
      gone.abort()
      end(undefined)
      await third.catch(() => undefined)
      for (const received of [await first, await second]) {
        const texts = eventsOf(received)
          .slice(0, -1)
          .map(({data}) => data.choices[0]?.delta.content ?? '')
        assert.equal(texts.join(''), 'begun')
      }
      assert.deepEqual([agents.sent.length, agents.cancelled], [1, []])
    })

    it('is one also before it is known where it belongs', async () => {
      await Promise.all([send(), send(), send(2)])
      assert.equal(agents.sent.length, 1)
    })

    it('runs no agent again after a failure, unless the client says that it asks anew', async () => {
      agents.next = () => ({error: {kind: 'agent', message: 'It crashed.'}})
      for (const retry of [0, 1, 2, undefined]) {
        const {headers, status} = await send(retry)
        assert.deepEqual([status, headers.get('x-should-retry')], [502, 'false'])
      }
      assert.equal(agents.sent.length, 1)
      await send(0)
      assert.equal(agents.sent.length, 2)
    })

    it('gets the answer again that was lost on the way', async () => {
      const [first, second] = [await send(0), await send(1)]
      assert.equal(second.text, first.text.replace(/chatcmpl-\w+/, /chatcmpl-\w+/.exec(second.text)![0]))
      assert.equal(agents.sent.length, 1)
      await send()
      assert.equal(agents.sent.length, 2)
    })

    it('is run where nothing has run before', async () => {
      agents.next = () => refusal('busy', 'Too many turns run.')
      const {headers, status} = await send(0)
      assert.deepEqual([status, headers.get('x-should-retry')], [429, null])
      agents.next = () => ({})
      assert.equal((await send(1)).status, 200)
    })

    it('is continued in its session where the agent gave no answer', async () => {
      await chat.say('one')
      agents.next = () => ({error: {kind: 'rate_limit', message: 'Too much.'}})
      assert.equal((await chat.say('two')).status, 429)
      agents.next = () => ({})
      await chat.say('two', {headers: {'x-stainless-retry-count': '0'}})
      assert.deepEqual([ids().length, sent().length], [1, 3])
    })

    it('cancels its turn when nobody listens any more, and is run once more then', async () => {
      agents.next = () => ({until: new Promise(() => undefined)})
      const gone = new AbortController()
      const first = send(0, {}, gone.signal).catch(() => undefined)
      await waitFor('the turn', () => agents.sent.length === 1)
      gone.abort()
      await waitFor('its end', () => agents.cancelled.length === 1)
      await first
      agents.next = () => ({})
      assert.equal((await send()).status, 200)
    })
  })
})
