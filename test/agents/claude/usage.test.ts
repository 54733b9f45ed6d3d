import assert from 'node:assert/strict'
import type {Usage} from 'clinvk-contract'
import {result, withClaude} from '../../support/claude-sandbox.js'

describe('the usage of a turn of claude', () => {
  const claude = withClaude()
  /** What the model server has reported over all calls, in clinvk's terms. */
  const sent = (): Usage => {
    const {cacheRead, cacheWrite, input, output} = claude.server.usage()
    const all = input + cacheRead + cacheWrite
    return {input_tokens: all, output_tokens: output, cached_tokens: cacheRead, total_tokens: all + output}
  }
  const usageOf = async (...words: string[]) => {
    const {usage: {models, ...usage} = {}} = result(await claude.user.clinvk([...words, '-o', 'json']))
    assert.deepEqual(Object.values(models ?? {}), [usage])
    return usage
  }

  it('counts every call of a tool loop', async () => {
    const {server} = claude
    const echo = (word: string) => ({tools: [{name: 'Bash', input: {command: `echo ${word}`}}]})
    server.when('loop', echo('one'), echo('two'), {thinking: 'hm', text: 'looped'})
    assert.deepEqual(await usageOf('loop'), sent())
    assert.equal(server.calls.length, 3)
  })

  it('counts a sub-agent', async () => {
    const {server} = claude
    const input = {description: 'look', prompt: 'inner task', subagent_type: 'general-purpose'}
    server.when('delegate', {tools: [{name: 'Agent', input}]}, {text: 'outer answer'})
    server.when('inner task', {text: 'inner answer'})
    const turn = result(await claude.user.clinvk(['delegate', '-o', 'json']))
    const {models, ...usage} = turn.usage ?? {}
    assert.deepEqual(usage, sent())
    assert.equal(Object.keys(models ?? {}).length, 1)
    assert.equal(turn.content, 'outer answer')
    assert.deepEqual(
      server.calls.map(({prompt}) => prompt),
      ['delegate', 'inner task', 'delegate'],
    )
  })

  it('counts the call that claude makes again after a broken stream', async () => {
    const {server} = claude
    server.when('broken', {text: 'an answer in pieces', cut: true})
    assert.deepEqual(await usageOf('broken'), sent())
    assert.deepEqual(
      server.calls.map(({stream}) => stream),
      [true, false],
    )
  })

  it('is kept for a turn that was interrupted after a tool', async () => {
    const {server, user} = claude
    server.when(
      'stop',
      {tools: [{name: 'Bash', input: {command: 'echo hi'}}]},
      {text: 'begun', hang: 'stream'},
    )
    const running = user.start(['stop', '-o', 'stream-json'])
    await running.shows('"type":"text"')
    running.child.kill('SIGINT')
    const {code, stdout} = await running.finished
    assert.equal(code, 130)
    const done = JSON.parse(stdout.trim().split('\n').at(-1)!) as {usage: Usage}
    assert.ok(done.usage.total_tokens! >= sent().total_tokens!)
    assert.equal(user.session().token_usage?.input_tokens, done.usage.input_tokens)
  })
})
