import assert from 'node:assert/strict'
import {type UserOfAgents, withClaude, withCodex, withGemini, withOpencode} from '../support/agent-user.js'
import {type CLIENTS, Served} from '../support/served.js'
import type {ModelServer} from '../support/model-server/index.js'
import {waitFor} from '../support/wait-for.js'

/** Gives each test a server of its user. */
function served(machine: {readonly user: UserOfAgents}): {readonly now: Served} {
  let now: Served
  beforeEach(async () => (now = await Served.start(machine.user)))
  afterEach(() => now.stop())
  return {
    get now() {
      return now
    },
  }
}

/** What the model was told by the user in each call; gemini asks some questions of its own. */
const told = (server: ModelServer) =>
  server.calls.map(({prompts}) => prompts.join(' | ')).filter((prompts) => prompts !== '')

const CONVERSATION = [{text: 'one'}, {text: 'two'}, {text: 'three'}, {keep: 2, text: 'other'}, {text: 'more'}]
/** For agents that take seconds to start. */
const SHORT = [{text: 'one'}, {text: 'two'}, {keep: 2, text: 'other'}]
const HEARD = ['one', 'one | two', 'one | two | three', 'one | other', 'one | other | more']

describe('a conversation of a client with codex', () => {
  const codex = withCodex()
  const server = served(codex)

  for (const [name, smoke] of [
    ['openai for Node', ' @smoke'],
    ['anthropic for Node', ''],
  ] as const) {
    it(`is one session, nothing is told twice, and an edited question is a fork: ${name}${smoke}`, async () => {
      const [said] = await server.now.with(name, {do: 'conversation', model: 'codex', prompts: CONVERSATION})
      assert.match(said!.texts!.at(-1)!, /^You said: more \| turns=3 \| seen: \[one] \[other] \[more]$/)
      assert.deepEqual(told(codex.server), HEARD)
      const [fork, first] = codex.user.sessions()
      assert.deepEqual([first!.turn_count, fork!.turn_count, fork!.parent_id], [3, 2, first!.id])
    })
  }

  it('continues after a previous response, also one that is not the last', async () => {
    const {now} = server
    const [first] = await now.with('openai for Node', {do: 'responses', body: {model: 'codex', input: 'one'}})
    const again = (input: string) => ({
      do: 'responses',
      body: {model: 'codex', input, previous_response_id: first!.id},
    })
    const answers = await now.with('openai for Node', again('two'), again('other'))
    assert.deepEqual(
      answers.map(({text}) => text),
      ['You said: two | turns=2 | seen: [one] [two]', 'You said: other | turns=2 | seen: [one] [other]'],
    )
  })

  it('fits a schema', async () => {
    const schema = {
      type: 'object',
      properties: {bugs: {type: 'array', items: {type: 'string'}}},
      required: ['bugs'],
      additionalProperties: false,
    }
    codex.server.when('which bugs', {text: '{"bugs": []}'})
    const body = {
      model: 'codex',
      messages: [{role: 'user', content: 'which bugs?'}],
      response_format: {type: 'json_schema', json_schema: {name: 'bugs', schema, strict: true}},
    }
    const answers = await server.now.with(
      'openai for Node',
      {do: 'chat', body},
      {do: 'chat, raw stream', body},
    )
    for (const {text} of answers) assert.deepEqual(JSON.parse(text!), {bugs: []})
    assert.deepEqual(codex.server.calls[0]!.schema, schema)
  })

  it('is told as it was before, once, where no session has it', async () => {
    const messages = [
      {role: 'user', content: 'my name is Ada'},
      {role: 'assistant', content: 'Hello Ada.'},
      {role: 'user', content: 'who am I?'},
    ]
    await server.now.with('openai for Node', {do: 'chat', body: {model: 'codex', messages}})
    assert.match(
      codex.server.calls[0]!.prompt,
      /user: my name is Ada\n\nassistant: Hello Ada\.[\s\S]*who am I\?$/,
    )
  })

  it('is paused, and its agent ends, when the client goes away', async () => {
    const {now} = server
    codex.server.when('wait', {hang: 'headers'})
    const gone = new AbortController()
    const asked = fetch(`${now.url}/v1/chat/completions`, {
      method: 'POST',
      headers: {authorization: `Bearer ${now.token}`, 'content-type': 'application/json'},
      body: JSON.stringify({model: 'codex', stream: true, messages: [{role: 'user', content: 'wait'}]}),
      signal: gone.signal,
    }).catch(() => undefined)
    await codex.server.arrived('wait')
    gone.abort()
    await asked
    const {pid} = now.running.child
    await waitFor('its end', () => codex.user.processes().every((one) => one === pid))
    await waitFor('the session', () => codex.user.session().status === 'paused')
  })

  describe('that fails', () => {
    const body = {model: 'codex', messages: [{role: 'user', content: 'break'}]}
    for (const [name, step, what, reply, error] of [
      ['openai for Node', 'chat', 'the model is down', {status: 500}, 'InternalServerError 502'],
      ['openai for Python', 'chat', 'the model is down', {status: 500}, 'InternalServerError 502'],
      ['the AI SDK', 'chat', 'the model is down', {status: 500}, 'AI_RetryError undefined'],
      ['anthropic for Node', 'messages', 'the model is down', {status: 500}, 'InternalServerError 502'],
      ['anthropic for Python', 'messages', 'the model is down', {status: 500}, 'InternalServerError 502'],
      [
        'openai for Node',
        'chat, raw stream',
        'the agent is not signed in',
        {status: 401},
        'InternalServerError 503',
      ],
      ['anthropic for Node', 'messages', 'a limit is reached', {status: 429}, 'RateLimitError 429'],
    ] as [keyof typeof CLIENTS, string, string, {status: number}, string][]) {
      it(`starts the agent once, though the client tries again: ${what}, ${name}`, async () => {
        codex.user.setRetries('none')
        codex.server.when('break', {...reply, message: 'no'})
        const [answer] = await server.now.with(name, {do: step, body})
        const [got] = [`${answer!.error} ${String(answer!.status ?? undefined)}`]
        assert.equal(got, error, answer!.message)
        assert.equal(codex.server.calls.length, 1)
        assert.ok(codex.user.sessions().length <= 1)
      })
    }
  })
})

for (const [agent, machine, client] of [
  ['claude', withClaude, 'anthropic for Node'],
  ['gemini', withGemini, 'openai for Node'],
  ['opencode', withOpencode, 'openai for Node'],
] as const) {
  describe(`a conversation of a client with ${agent}`, () => {
    const user = machine()
    const server = served(user)

    it('is one session, nothing is told twice, and an edited question is a fork', async () => {
      await server.now.with(client, {do: 'conversation', model: agent, prompts: SHORT})
      assert.deepEqual(told(user.server), ['one', 'one | two', 'one | other'])
    })

    it(`streams an answer${agent === 'claude' ? ' @smoke' : ''}`, async () => {
      const body = {model: agent, messages: [{role: 'user', content: 'hello'}]}
      const step = client === 'anthropic for Node' ? 'messages, helper' : 'chat, helper'
      const [answer] = await server.now.with(client, {do: step, body})
      assert.equal(answer!.text, 'You said: hello | turns=1 | seen: [hello]')
    })
  })
}
