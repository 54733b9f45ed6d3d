import assert from 'node:assert/strict'
import type {Usage} from 'clinvk-contract'
import {result, withGemini} from '../../support/gemini-sandbox.js'

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

  it('is split by model, with the one that chooses among them, which is not the one that answers', async () => {
    const {server, user} = gemini
    server.when('one', {thinking: 'hm, hm, hm', text: 'answered'})
    const {model, usage: {models, ...usage} = {}} = result(await user.clinvk(['one', '-o', 'json']))
    assert.deepEqual(usage, sent())
    assert.deepEqual(
      Object.keys(models ?? {}),
      server.calls.map(({model}) => model),
    )
    assert.equal(server.calls.length, 2)
    // The question which model is to answer wants JSON.
    const [answering] = server.calls.filter(({wanted}) => wanted === undefined)
    assert.deepEqual([model, user.session().model], [answering!.model, model])
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
