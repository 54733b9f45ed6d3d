import assert from 'node:assert/strict'
import {type ModelServer, startModelServer} from '../../support/model-server/index.js'

describe('the model server, as opencode asks it,', () => {
  let server: ModelServer
  before(async () => {
    server = await startModelServer()
  })
  afterEach(() => server.reset())
  after(() => server.close())

  const ask = (messages: object[], stream = false) =>
    fetch(`${server.url}/v1/chat/completions`, {
      method: 'POST',
      body: JSON.stringify({model: 'a-model', stream, messages, tools: [{function: {name: 'bash'}}]}),
    })
  const whole = async (...messages: object[]) => (await (await ask(messages)).json()) as Completion
  const streamed = async (prompt: string) => {
    const text = await (await ask([user(prompt)], true)).text()
    return [...text.matchAll(/^data: (.*)$/gm)].map(([, data]) => data!)
  }

  it('takes only what the user typed for a prompt', async () => {
    const call = {id: 'call_1', function: {name: 'bash', arguments: '{"command":"ls"}'}}
    await whole(
      {role: 'system', content: 'Be kind.'},
      user('stopped'),
      user([{text: ' go on '}, {text: '<system-reminder>plan</system-reminder>'}]),
      {role: 'assistant', content: 'I look.', tool_calls: [call]},
      {role: 'tool', tool_call_id: 'call_1', content: 'a.txt'},
    )
    const {model, prompts, system, tools, turns} = server.calls[0]!
    assert.deepEqual([model, prompts, system, tools], ['a-model', ['stopped', 'go on'], 'Be kind.', ['bash']])
    assert.deepEqual(turns.at(-2)?.toolCalls, [{name: 'bash', input: {command: 'ls'}}])
    assert.deepEqual(turns.at(-1)?.toolResults, [{text: 'a.txt', isError: false}])
  })

  it('counts cached tokens and reasoning in what holds them, in a stream and without', async () => {
    const usage = {input: 10, cacheRead: 5, cacheWrite: 1, output: 7, reasoning: 4}
    server.when('hi', {thinking: 'hm', text: 'ho', chunks: 2, usage})
    const counted = {
      prompt_tokens: 16,
      completion_tokens: 7,
      total_tokens: 23,
      prompt_tokens_details: {cached_tokens: 5},
      completion_tokens_details: {reasoning_tokens: 4},
    }
    assert.deepEqual((await whole(user('hi'))).usage, counted)
    const lines = await streamed('hi')
    assert.equal(lines.pop(), '[DONE]')
    const chunks = lines.map((line) => JSON.parse(line) as Completion)
    assert.deepEqual(chunks.at(-1)?.usage, counted)
    const deltas = chunks.flatMap(({choices}) => choices.map(({delta}) => delta))
    assert.deepEqual(
      deltas.flatMap((delta) => delta?.reasoning_content ?? []),
      ['h', 'm'],
    )
    assert.deepEqual(
      deltas.flatMap((delta) => delta?.content || []),
      ['h', 'o'],
    )
    assert.equal(chunks.at(-2)?.choices[0]?.finish_reason, 'stop')
  })

  it('asks for tools, whose input comes in pieces', async () => {
    server.when('list', {tools: [{name: 'bash', input: {command: 'ls'}}]})
    const chunks = (await streamed('list')).slice(0, -1).map((line) => JSON.parse(line) as Completion)
    const calls = chunks.flatMap(({choices}) => choices.flatMap(({delta}) => delta?.tool_calls ?? []))
    assert.deepEqual([calls[0]?.function.name, calls[0]?.index], ['bash', 0])
    assert.equal(calls.map((call) => call.function.arguments).join(''), '{"command":"ls"}')
    assert.equal(chunks.at(-2)?.choices[0]?.finish_reason, 'tool_calls')
  })

  it('sends errors of both kinds, and breaks streams', async () => {
    server.when('who', {status: 401, message: 'no key'})
    server.when('busy', {text: 'abcd', sseError: {type: 'overloaded', message: 'too busy'}})
    server.when('cut', {text: 'abcd', cut: true})
    const answer = await ask([user('who')])
    const {error} = (await answer.json()) as {error: object}
    assert.deepEqual(
      [answer.status, error],
      [401, {message: 'no key', type: 'invalid_api_key', param: null, code: 'invalid_api_key'}],
    )
    assert.match((await streamed('busy')).at(-1)!, /"error":\{"message":"too busy","type":"overloaded"/)
    await assert.rejects(streamed('cut'))
  })

  it('answers what opencode asks for itself, whatever the rules say', async () => {
    server.when(/./, {text: 'of a rule'})
    const {choices} = await whole(
      {role: 'system', content: 'You are a title generator. You output ONLY a thread title.'},
      user('Generate a title for this conversation:'),
      user('hi'),
    )
    assert.deepEqual([choices[0]?.message?.content, server.calls[0]?.prompts], ['"A title"', []])
  })
})

const user = (content: unknown) => ({role: 'user', content})

interface Completion {
  choices: {
    message?: {content: string}
    delta?: {
      content?: string
      reasoning_content?: string
      tool_calls?: {index: number; function: {name?: string; arguments: string}}[]
    }
    finish_reason: string | null
  }[]
  usage?: object
}
