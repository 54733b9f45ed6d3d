import assert from 'node:assert/strict'
import {ChatClient, eventsOf, wire} from '../../support/chat-client.js'
import {FakeAgents} from '../../support/fake-agents.js'

describe("Anthropic's API", () => {
  const agents = new FakeAgents().forEachTest()
  let client: ChatClient
  beforeEach(() => {
    agents.next = () => ({reasoning: 'hm', text: ['One', ', two']})
    client = new ChatClient(agents)
  })
  const send = (more: object = {}, path = '/anthropic/v1/messages') =>
    client.send(path, {model: 'echo', max_tokens: 9, messages: [{role: 'user', content: 'count'}], ...more})
  const USAGE = {
    input_tokens: 8,
    output_tokens: 3,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: 4,
  }
  const thinking = {type: 'enabled', budget_tokens: 1024}

  it('answers messages as one object, below /anthropic/v1 and below /v1', async () => {
    for (const path of ['/anthropic/v1/messages', '/v1/messages']) {
      const {headers, text} = await send({thinking}, path)
      const {id, ...rest} = wire({text})
      assert.match(id, /^msg_[\da-f]{32}$/)
      assert.equal(headers.get('x-clinvk-ignored'), 'max_tokens')
      assert.deepEqual(rest, {
        type: 'message',
        role: 'assistant',
        model: 'echo',
        content: [
          {type: 'thinking', thinking: 'hm', signature: ''},
          {type: 'text', text: 'One, two'},
        ],
        stop_reason: 'end_turn',
        stop_sequence: null,
        usage: USAGE,
        clinvk: {session_id: headers.get('x-clinvk-session'), turn: 1, backend: 'echo', model: 'echo-1'},
      })
    }
  })

  it('streams messages: every event with its name, blocks of one kind each, usage at both ends', async () => {
    const events = eventsOf(await send({stream: true, thinking}))
    assert.deepEqual(
      events.map(({data, event}) => [event, data.index]),
      [
        ['message_start', undefined],
        ['content_block_start', 0],
        ['content_block_delta', 0],
        ['content_block_stop', 0],
        ['content_block_start', 1],
        ['content_block_delta', 1],
        ['content_block_delta', 1],
        ['content_block_stop', 1],
        ['message_delta', undefined],
        ['message_stop', undefined],
      ],
    )
    assert.ok(events.every(({data, event}) => data.type === event))
    assert.equal(events[0]!.data.message.usage?.output_tokens, 0)
    assert.deepEqual(events.at(-2)!.data.usage, USAGE)
    assert.deepEqual(events.at(-2)!.data.delta, {stop_reason: 'end_turn', stop_sequence: null})
    const plain = eventsOf(await send({stream: true}))
    assert.ok(plain.every(({data}) => data.content_block?.type !== 'thinking'))
  })

  it('tells an error by its status, and after the first word in the stream', async () => {
    agents.next = () => ({error: {kind: 'auth', message: 'Sign in.'}})
    for (const [path, stream] of [
      ['/anthropic/v1/messages', false],
      ['/v1/messages', true],
    ] as const) {
      const {headers, status, text} = await send({stream}, path)
      const {error, type} = wire({text})
      assert.deepEqual([status, type, error], [503, 'error', {type: 'api_error', message: 'Sign in.'}])
      assert.equal(headers.get('x-should-retry'), 'false')
    }
    agents.next = () => ({text: ['One'], error: {kind: 'timeout', message: 'Too long.'}})
    const {data, event} = eventsOf(await send({stream: true, metadata: {}})).at(-1)!
    assert.deepEqual([event, data.error], ['error', {type: 'timeout_error', message: 'Too long.'}])
  })

  it('ends an answer that has reached a limit with max_tokens', async () => {
    agents.next = () => ({text: ['One'], error: {kind: 'limit', message: 'No more turns.'}})
    assert.equal(wire(await send()).stop_reason, 'max_tokens')
  })

  it('continues the session of a conversation, whose instructions may be a list', async () => {
    const system = [{type: 'text', text: 'Be kind.', cache_control: {type: 'ephemeral'}}]
    const first = wire(await send({system, thinking}))
    const messages = [
      {role: 'user', content: [{type: 'text', text: 'count', cache_control: {type: 'ephemeral'}}]},
      {role: 'assistant', content: first.content},
      {role: 'user', content: 'more'},
    ]
    await send({system: 'Be kind.', messages})
    assert.deepEqual(
      agents.sent.map(({prompt}) => prompt),
      ['<instructions>\nBe kind.\n</instructions>\n\ncount', 'more'],
    )
    assert.equal(agents.stored.size, 1)
  })

  for (const [what, more] of [
    ['an image', {messages: [{role: 'user', content: [{type: 'image', source: {}}]}]}],
    ['a document', {messages: [{role: 'user', content: [{type: 'document', source: {}}]}]}],
    ['any tool that must be called', {tool_choice: {type: 'any'}}],
    [
      'a beginning of the answer',
      {
        messages: [
          {role: 'user', content: 'a'},
          {role: 'assistant', content: '{'},
        ],
      },
    ],
  ] as const) {
    it(`refuses ${what}`, async () => {
      const {status, text} = await send(more)
      assert.deepEqual([status, wire({text}).error?.type], [400, 'invalid_request_error'])
      assert.deepEqual(agents.sent, [])
    })
  }

  it('estimates tokens, and says that it does', async () => {
    const body = {system: 'abcd', messages: [{role: 'user', content: 'abcdefgh'}]}
    const {headers, text} = await send(body, '/anthropic/v1/messages/count_tokens')
    assert.deepEqual([wire({text}), headers.get('x-clinvk-estimate')], [{input_tokens: 3}, 'true'])
  })

  it('lists models in its own shape, below /v1 for who sends anthropic-version', async () => {
    const headers = {'anthropic-version': '2023-06-01'}
    for (const [path, sent] of [
      ['/anthropic/v1/models', {}],
      ['/v1/models', headers],
    ] as const) {
      const {data, first_id, has_more, last_id} = await client.get(path, sent)
      assert.deepEqual(
        [data[0]?.type, data[0]?.id, first_id, last_id, has_more],
        ['model', 'claude', 'claude', 'echo', false],
      )
    }
    const {object} = await client.get('/v1/models')
    assert.equal(object, 'list')
  })
})
