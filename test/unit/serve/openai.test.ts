import assert from 'node:assert/strict'
import {ChatClient, eventsOf, wire} from '../../support/chat-client.js'
import {FakeAgents, refusal} from '../../support/fake-agents.js'

describe("OpenAI's API", () => {
  const agents = new FakeAgents().forEachTest()
  let client: ChatClient
  beforeEach(() => {
    agents.next = () => ({reasoning: 'hm', text: ['One', ', two']})
    client = new ChatClient(agents)
  })
  const messages = [{role: 'user', content: 'count'}]
  const chat = (more: object = {}) =>
    client.send('/openai/v1/chat/completions', {model: 'echo', messages, ...more})
  const respond = (more: object = {}) =>
    client.send('/openai/v1/responses', {model: 'echo', input: 'count', ...more})
  const USAGE = {
    prompt_tokens: 12,
    completion_tokens: 3,
    total_tokens: 15,
    prompt_tokens_details: {cached_tokens: 4},
  }

  it('answers chat completions as one object, below /openai/v1 and below /v1', async () => {
    for (const path of ['/openai/v1/chat/completions', '/v1/chat/completions']) {
      const {headers, text} = await client.send(path, {model: 'echo', messages})
      const session = headers.get('x-clinvk-session')!
      const {created, id, ...rest} = wire({text})
      assert.match(id, /^chatcmpl-[\da-f]{32}$/)
      assert.ok(Number.isInteger(created))
      const message = {role: 'assistant', content: 'One, two', refusal: null, reasoning_content: 'hm'}
      assert.deepEqual(rest, {
        object: 'chat.completion',
        model: 'echo',
        choices: [{index: 0, message, logprobs: null, finish_reason: 'stop'}],
        usage: USAGE,
        clinvk: {session_id: session, turn: 1, backend: 'echo', model: 'echo-1'},
      })
    }
  })

  it('streams chat completions: the role once, one finish_reason, the usage where it is asked for', async () => {
    const events = eventsOf(await chat({stream: true, stream_options: {include_usage: true}}))
    const choices = events.slice(0, -2).map(({data}) => data.choices[0])
    assert.deepEqual(choices, [
      {index: 0, delta: {role: 'assistant', content: ''}, finish_reason: null},
      {index: 0, delta: {reasoning_content: 'hm'}, finish_reason: null},
      {index: 0, delta: {content: 'One'}, finish_reason: null},
      {index: 0, delta: {content: ', two'}, finish_reason: null},
      {index: 0, delta: {}, finish_reason: 'stop'},
    ])
    const [usage, done] = events.slice(-2).map(({data}) => data)
    assert.deepEqual([usage?.choices, usage?.usage, done], [[], USAGE, '[DONE]'])
    const plain = eventsOf(await chat({stream: true}))
    assert.ok(plain.every(({data}) => data.usage === undefined))
    assert.equal(new Set(events.slice(0, -1).map(({data}) => data.id)).size, 1)
  })

  it('streams a role for an answer without a word', async () => {
    agents.next = () => ({text: []})
    const [first, second] = eventsOf(await chat({stream: true}))
    assert.deepEqual(first!.data.choices[0]?.delta, {role: 'assistant', content: ''})
    assert.equal(second!.data.choices[0]?.finish_reason, 'stop')
  })

  it('answers responses as one object', async () => {
    const {text} = await respond({
      instructions: 'Be brief.',
      metadata: {a: 'b'},
      reasoning: {summary: 'auto'},
    })
    const {clinvk, id, output, ...rest} = wire({text})
    assert.equal(id, `resp_${clinvk.session_id}_1`)
    const [thought, message] = output
    assert.deepEqual(thought?.summary, [{type: 'summary_text', text: 'hm'}])
    assert.deepEqual(message?.content, [
      {type: 'output_text', text: 'One, two', annotations: [], logprobs: []},
    ])
    const {error, incomplete_details, instructions, metadata, object, status, usage} = rest
    assert.deepEqual(
      [object, status, error, incomplete_details, instructions, metadata],
      ['response', 'completed', null, null, 'Be brief.', {a: 'b'}],
    )
    assert.deepEqual(usage, {
      input_tokens: 12,
      input_tokens_details: {cached_tokens: 4},
      output_tokens: 3,
      output_tokens_details: {reasoning_tokens: 0},
      total_tokens: 15,
    })
  })

  it('streams responses in the order that clients need, and ends with the whole of it', async () => {
    const events = eventsOf(await respond({stream: true}))
    assert.deepEqual(
      events.map(({event}) => event?.replace('response.', '')),
      [
        ...['created', 'in_progress', 'output_item.added', 'content_part.added'],
        ...['output_text.delta', 'output_text.delta', 'output_text.done', 'content_part.done'],
        ...['output_item.done', 'completed'],
      ],
    )
    assert.deepEqual(
      events.map(({data}) => data.sequence_number),
      [...events.keys()],
    )
    assert.ok(events.every(({data, event}) => data.type === event))
    const {response} = events.at(-1)!.data
    assert.equal(response.id, events[0]!.data.response.id)
    assert.deepEqual([response.output[0]?.content[0]?.text, response.usage?.total_tokens], ['One, two', 15])
    const thought = eventsOf(await respond({stream: true, reasoning: {}}))
    assert.deepEqual(
      thought.flatMap(({data, event}) =>
        event === 'response.output_item.done' ? [data.output_index, data.item.type] : [],
      ),
      [0, 'reasoning', 1, 'message'],
    )
  })

  it('ends an answer that has reached a limit as one that is too long', async () => {
    agents.next = () => ({text: ['One'], error: {kind: 'limit', message: 'No more turns.'}})
    const {choices, clinvk} = wire(await chat())
    assert.deepEqual([choices[0]?.finish_reason, clinvk.error.kind], ['length', 'limit'])
    const {incomplete_details, status} = wire(await respond())
    assert.deepEqual([status, incomplete_details], ['incomplete', {reason: 'max_output_tokens'}])
    assert.equal(eventsOf(await respond({stream: true})).at(-1)?.event, 'response.incomplete')
  })

  it('tells an error after the first word in the stream', async () => {
    agents.next = () => ({text: ['One'], error: {kind: 'agent', message: 'It crashed.'}})
    const {error} = eventsOf(await chat({stream: true})).at(-1)!.data
    assert.deepEqual(error, {message: 'It crashed.', type: 'server_error', param: null, code: 'agent_failed'})
    const last = eventsOf(await respond({stream: true})).at(-1)!
    assert.deepEqual(
      [last.event, last.data.response.status, last.data.response.error],
      ['response.failed', 'failed', {code: 'agent_failed', message: 'It crashed.'}],
    )
  })

  const resets = new Date(Date.now() + 30_000).toISOString()
  for (const [kind, turn, status, code, retry] of [
    ['agent', {error: {kind: 'agent'}}, 502, 'agent_failed', 'false'],
    ['auth', {error: {kind: 'auth'}}, 503, 'agent_not_signed_in', 'false'],
    [
      'limit that ends soon',
      {error: {kind: 'rate_limit', resets_at: resets}},
      429,
      'rate_limit_exceeded',
      null,
    ],
    ['limit', {error: {kind: 'rate_limit'}}, 429, 'rate_limit_exceeded', 'false'],
    ['timeout', {error: {kind: 'idle_timeout'}}, 504, 'timeout', 'false'],
    ['session in use', refusal('session_busy', 'no'), 409, 'session_busy', 'false'],
    ['full queue', refusal('busy', 'no'), 429, 'server_busy', null],
    ['ceiling', refusal('ceiling', 'no'), 403, 'permission_denied', 'false'],
  ] as const) {
    it(`tells an error before the first word by its status: ${kind}`, async () => {
      agents.next = () => ({...turn, error: {...turn.error!, message: 'no'}})
      for (const stream of [false, true]) {
        client = new ChatClient(agents)
        const {headers, text, ...received} = await chat({stream})
        const {error} = wire({text})
        assert.deepEqual([received.status, error?.code], [status, code])
        assert.equal(headers.get('x-should-retry'), retry)
      }
    })
  }

  for (const [what, more, param] of [
    ['more than one answer', {n: 2}, 'n'],
    ['a tool that must be called', {tool_choice: 'required'}, 'tool_choice'],
    ['a certain tool', {tool_choice: {type: 'function', function: {name: 'a'}}}, 'tool_choice'],
    ['an unknown form', {response_format: {type: 'grammar'}}, 'response_format'],
    ['no messages', {messages: []}, 'messages'],
    ['no model', {model: undefined}, 'model'],
    ['an answer to be continued', {messages: [...messages, {role: 'assistant', content: 'One'}]}, 'messages'],
    [
      'an image',
      {
        messages: [
          {
            role: 'user',
            content: [
              {type: 'text', text: 'see'},
              {type: 'image_url', image_url: {url: 'data:'}},
            ],
          },
        ],
      },
      'messages[0].content[1]',
    ],
  ] as const) {
    it(`refuses ${what}, and names the field`, async () => {
      const {status, text} = await chat(more)
      assert.deepEqual([status, wire({text}).error?.param], [400, param], text)
      assert.deepEqual(agents.sent, [])
    })
  }

  it('refuses a model that there is not', async () => {
    const {status, text} = await chat({model: 'llama'})
    assert.deepEqual([status, wire({text}).error?.code], [404, 'model_not_found'])
  })

  it('names what it ignores, and passes a schema on', async () => {
    const schema = {type: 'object', required: ['a']}
    const {headers} = await chat({
      temperature: 0.2,
      n: 1,
      tools: [{type: 'function'}],
      tool_choice: 'auto',
      user: null,
      response_format: {type: 'json_schema', json_schema: {name: 'a', schema}},
    })
    assert.equal(headers.get('x-clinvk-ignored'), 'temperature, tools')
    await respond({text: {format: {type: 'json_schema', name: 'a', schema}}})
    await chat({response_format: {type: 'json_object'}})
    assert.deepEqual(
      agents.sent.map((sent) => sent.schema),
      [schema, schema, {type: 'object'}],
    )
  })

  it('takes the names of models that programs send by themselves, and of its own list', async () => {
    const {data} = await client.get('/v1/models')
    assert.deepEqual(
      data.map(({id}) => id),
      ['claude', 'codex', 'codex/fast', 'echo'],
    )
    for (const model of ['codex/fast', 'gpt-5.1', 'claude-sonnet-4-5']) await chat({model})
    assert.deepEqual(
      agents.sent.map(({backend, model}) => [backend, model]),
      [
        ['codex', 'fast'],
        ['codex', 'gpt-5.1'],
        ['claude', 'claude-sonnet-4-5'],
      ],
    )
    assert.equal(((await client.get('/v1/models/codex/fast')) as {id: string}).id, 'codex/fast')
  })

  it('takes a conversation with tools of another program as text', async () => {
    await chat({
      messages: [
        {role: 'user', content: 'weather?'},
        {
          role: 'assistant',
          content: null,
          tool_calls: [{id: '1', function: {name: 'look', arguments: '{"a":1}'}}],
        },
        {role: 'tool', tool_call_id: '1', content: 'sunny'},
      ],
    })
    const {prompt} = agents.sent[0]!
    assert.match(prompt, /assistant: \[Called look: {"a":1}]\n<\/conversation>\n\nsunny$/)
  })
})
