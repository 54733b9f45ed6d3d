import assert from 'node:assert/strict'
import {ChatClient, eventsOf} from '../../support/chat-client.js'
import {FakeAgents, refusal} from '../../support/fake-agents.js'
import {waitFor} from '../../support/wait-for.js'

describe('the turn of a request to an API of a vendor', () => {
  const agents = new FakeAgents().forEachTest()
  let chat: ChatClient
  beforeEach(() => {
    chat = new ChatClient(agents)
  })
  const sent = () => agents.sent.map(({prompt, session}) => ({prompt, ...(session as object)}))
  const ids = () => [...agents.stored.keys()]

  describe("with the client's instructions", () => {
    it('begins with them, though its title is the question, and is told when they change', async () => {
      const system = {role: 'system', content: 'Be kind.'}
      chat.messages.push(system)
      await chat.say('one')
      assert.equal(agents.sent[0]!.prompt, '<instructions>\nBe kind.\n</instructions>\n\none')
      assert.equal((sent()[0] as {title?: string}).title, 'one')
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
