import assert from 'node:assert/strict'
import {chmodSync, renameSync} from 'node:fs'
import {delimiter, dirname, join} from 'node:path'
import type {Usage} from 'clinvk-contract'
import {type CodexUser, result, withCodex} from '../../support/codex-sandbox.js'
import {waitFor} from '../../support/wait-for.js'

describe('the usage of a turn of codex', () => {
  const codex = withCodex()
  /** What the model server has reported over all calls, in clinvk's terms. */
  const sent = (): Usage => {
    const {cacheRead, cacheWrite, input, output, reasoning = 0} = codex.server.usage()
    const all = input + cacheRead + cacheWrite
    return {
      input_tokens: all,
      output_tokens: output,
      cached_tokens: cacheRead,
      reasoning_tokens: reasoning,
      total_tokens: all + output,
    }
  }
  const usageOf = async (...words: string[]) =>
    result(await codex.user.clinvk([...words, '-o', 'json'])).usage
  const echo = (word: string) => ({tools: [{name: 'exec_command', input: {cmd: `echo ${word}`}}]})

  it('counts every call of a tool loop', async () => {
    const {server} = codex
    server.when('loop', echo('one'), echo('two'), {thinking: 'hm', text: 'looped'})
    assert.deepEqual(await usageOf('loop'), sent())
    assert.equal(server.calls.length, 3)
  })

  it('is known when nothing is kept', async () => {
    const {server} = codex
    server.when('loop', echo('one'), {text: 'looped'})
    assert.deepEqual(await usageOf('--ephemeral', 'loop'), sent())
  })

  for (const mode of ['full', 'workspace']) {
    it(`is known for a turn that was interrupted, and right for the next one, with --sandbox-mode ${mode}`, async () => {
      const {server, user} = codex
      await usageOf('zero')
      server.reset()
      server.when('stop', echo('one'), {text: 'begun', hang: 'stream'})
      const running = user.start(['-c', 'stop', '-o', 'json', '--sandbox-mode', mode])
      const call = await server.arrived('stop', 2)
      await waitFor('the answer begins', () => call.status === 200)
      running.child.kill('SIGINT')
      const {exit_code: code, usage} = result(await running.finished)
      assert.equal(code, 130)
      assert.deepEqual(usage, sent())
      server.reset()
      assert.deepEqual(await usageOf('-c', 'go on'), sent())
    })
  }

  it("without codex's file is the difference to the turn before, and never guessed", async () => {
    const {server, user} = codex
    const env = {PATH: pathWithHiddenHome(user)}
    const usage = async (...words: string[]) =>
      result(await user.clinvk([...words, '-o', 'json'], {env})).usage
    assert.deepEqual(await usage('one'), sent())
    server.reset()
    assert.deepEqual(await usage('-c', 'two'), sent())
    server.when('stop', echo('one'), {hang: 'headers'})
    const running = user.start(['-c', 'stop', '-o', 'json'], {env})
    await server.arrived('stop', 2)
    running.child.kill('SIGINT')
    assert.equal(result(await running.finished).usage, undefined)
    assert.equal(await usage('-c', 'three'), undefined)
    server.reset()
    assert.deepEqual(await usage('-c', 'four'), sent())
  })
})

/** A PATH whose codex keeps its files where clinvk does not look. */
function pathWithHiddenHome(user: CodexUser): string {
  const path = user.env.PATH!
  renameSync(join(user.home, '.codex'), join(user.home, 'hidden'))
  const shim = user.write(
    'shim/codex',
    `#!/bin/sh\nCODEX_HOME=${user.home}/hidden PATH=${path} exec codex "$@"\n`,
  )
  chmodSync(shim, 0o755)
  return [dirname(shim), path].join(delimiter)
}
