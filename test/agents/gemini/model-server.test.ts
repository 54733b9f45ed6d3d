import assert from 'node:assert/strict'
import {type ModelServer, startModelServer} from '../../support/model-server/index.js'

describe('the model server, as gemini asks it,', () => {
  let server: ModelServer
  before(async () => {
    server = await startModelServer()
  })
  afterEach(() => server.reset())
  after(() => server.close())

  const ask = async (method: string, body: object) => {
    const answer = await fetch(`${server.url}/v1beta/models/a-model:${method}`, {
      method: 'POST',
      body: JSON.stringify({contents: [], ...body}),
    })
    return (await answer.json()) as Response
  }
  const user = (...texts: string[]) => ({role: 'user', parts: texts.map((text) => ({text}))})

  it('takes only what the user typed for a prompt', async () => {
    const contents = [
      user('<session_context>\nToday is a day.\n</session_context>', 'stopped', ' look at @a '),
      user('--- Content from referenced files ---', 'all of a'),
      {role: 'model', parts: [{functionCall: {name: 'glob', args: {pattern: '*'}}}]},
      {role: 'user', parts: [{functionResponse: {name: 'glob', response: {error: 'no'}}}]},
    ]
    await ask('generateContent', {contents, systemInstruction: {parts: [{text: 'Be kind.'}]}})
    const {model, prompts, system, turns} = server.calls[0]!
    assert.deepEqual([model, prompts, system], ['a-model', ['stopped', 'look at @a'], 'Be kind.'])
    assert.deepEqual(turns.at(-2)?.toolCalls, [{name: 'glob', input: {pattern: '*'}}])
    assert.deepEqual(turns.at(-1)?.toolResults, [{text: 'no', isError: true}])
  })

  it('counts reasoning apart from the answer', async () => {
    server.when('hi', {text: 'ho', usage: {input: 10, cacheRead: 5, cacheWrite: 1, output: 7, reasoning: 4}})
    const {candidates, usageMetadata} = await ask('generateContent', {contents: [user('hi')]})
    assert.deepEqual(candidates[0]?.content.parts, [{text: 'ho'}])
    assert.deepEqual(usageMetadata, {
      promptTokenCount: 16,
      cachedContentTokenCount: 5,
      candidatesTokenCount: 3,
      thoughtsTokenCount: 4,
      totalTokenCount: 23,
    })
  })

  it('answers what gemini asks for itself with valid JSON, whatever the rules say', async () => {
    server.when(/./, {text: 'no JSON'})
    const properties = {why: {type: 'string'}, score: {type: 'integer', minimum: 3}}
    const generationConfig = {
      responseMimeType: 'application/json',
      responseJsonSchema: {type: 'object', properties},
    }
    const {candidates} = await ask('generateContent', {contents: [user('hi')], generationConfig})
    assert.deepEqual(JSON.parse(candidates[0]!.content.parts[0]!.text), {why: 'simulated', score: 3})
    assert.deepEqual([server.calls[0]?.prompts, server.usage().output > 0], [[], true])
  })

  it('does not take the counting of tokens for a call', async () => {
    assert.ok('totalTokens' in (await ask('countTokens', {contents: [user('hi')]})))
    assert.deepEqual(server.calls, [])
  })
})

interface Response {
  candidates: {content: {parts: {text: string}[]}}[]
  usageMetadata: object
}
