import assert from 'node:assert/strict'
import type {Usage} from 'clinvk-kit/contract'
import {result, withGemini} from '../support/gemini-sandbox.js'

describe('the usage of a turn of gemini', () => {
  const gemini = withGemini()
  /** What the model server has reported over all calls, in clinvk's terms. */
  const sent = (): Usage => {
    const {cacheRead, cacheWrite, input, output, reasoning = 0} = gemini.server.usage()
    const all = input + cacheRead + cacheWrite
    return {
      input_tokens: all,
      output_tokens: output,
      cached_tokens: cacheRead,
      reasoning_tokens: reasoning,
      total_tokens: all + output,
    }
  }

  it('is its own, split by model with the one that chooses among them, and the session sums up', async () => {
    const {server, user} = gemini
    server.when('one', {thinking: 'hm, hm, hm', text: 'answered'})
    const first = result(await user.clinvk(['one', '-o', 'json'])).usage!
    assert.deepEqual({...first, models: undefined}, {...sent(), models: undefined})
    assert.ok(first.reasoning_tokens! > 0)
    assert.deepEqual(
      Object.keys(first.models ?? {}),
      server.calls.map(({model}) => model),
    )
    assert.equal(server.calls.length, 2)

    server.reset()
    const second = result(await user.clinvk(['-c', 'two', '-o', 'json'])).usage!
    assert.deepEqual({...second, models: undefined}, {...sent(), models: undefined})
    assert.ok(second.cached_tokens! > 0)
    assert.equal(user.session().token_usage?.input_tokens, first.input_tokens! + second.input_tokens!)
  })

  it('counts every call of a tool loop', async () => {
    const {server, user} = gemini
    const list = {tools: [{name: 'list_directory', input: {dir_path: '.'}}]}
    server.when('loop', list, list, {thinking: 'hm', text: 'looped'})
    const {usage = {}} = result(await user.clinvk(['loop', '-m', 'fast', '-o', 'json']))
    assert.deepEqual(usage, {...sent(), models: {[server.calls[0]!.model]: sent()}})
    assert.equal(server.calls.length, 3)
  })

  it('is kept for a turn that was interrupted after a tool', async () => {
    const {server, user} = gemini
    const list = {tools: [{name: 'list_directory', input: {dir_path: '.'}}]}
    server.when('stop', list, {text: 'begun', hang: 'stream'})
    const running = user.start(['stop', '-m', 'fast', '-o', 'stream-json'])
    await running.shows('"type":"text"')
    running.child.kill('SIGINT')
    const {code, stdout} = await running.finished
    assert.equal(code, 130)
    const done = JSON.parse(stdout.trim().split('\n').at(-1)!) as {model: string; usage: Usage}
    assert.deepEqual([done.model, done.usage], [server.calls[0]?.model, sent()])
  })
})
