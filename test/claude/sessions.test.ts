import assert from 'node:assert/strict'
import {chmodSync, statSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {result, withClaude} from '../support/claude-sandbox.js'
import {ROOT} from '../support/sandbox.js'

describe('a conversation with the real claude', () => {
  const claude = withClaude()

  it('is kept in a file, with what claude told of itself', async () => {
    const {server, user} = claude
    const {code, stderr, stdout} = await user.clinvk(['fix the bug'])
    assert.deepEqual([code, stderr], [0, ''])
    assert.equal(stdout, 'You said: fix the bug | turns=1 | seen: [fix the bug]\n')

    const {created_at: created, id, last_used: used, token_usage: usage, ...session} = user.session()
    assert.deepEqual(session, {
      backend: 'claude',
      working_dir: user.project,
      backend_session_id: user.conversationIds()[0],
      model: server.calls[0]?.model,
      initial_prompt: 'fix the bug',
      title: 'fix the bug',
      status: 'active',
      turn_count: 1,
      last_outcome: 'success',
    })
    assert.match(id, /^[\da-f]{32}$/)
    assert.ok(Date.parse(created) <= Date.parse(used))
    const {cacheRead, cacheWrite, input, output} = server.usage()
    assert.deepEqual(usage, {
      input_tokens: input + cacheRead + cacheWrite,
      output_tokens: output,
      cached_tokens: cacheRead,
    })
    const directory = join(user.home, '.clinvk/sessions')
    assert.equal(statSync(directory).mode & 0o777, 0o700)
    assert.equal(statSync(join(directory, `${id}.json`)).mode & 0o777, 0o600)
  })

  it('is not mistaken for another one that claude begins instead', async () => {
    const {user} = claude
    await user.clinvk(['one'])
    const before = user.session()
    const shim = user.write(
      'shim/claude',
      `#!/bin/sh\nexec ${join(ROOT, 'node_modules/.bin/claude')} "$@" --fork-session\n`,
    )
    chmodSync(shim, 0o755)
    const forked = await user.clinvk(['-c', 'two', '-o', 'json'], {
      env: {PATH: `${dirname(shim)}:${user.env.PATH!}`},
    })
    const {error} = result(forked)
    assert.deepEqual([forked.code, error?.kind], [4, 'session'])
    assert.match(error!.message, /^Claude Code did not go on with the conversation .*, it began /)
    assert.equal(user.session().backend_session_id, before.backend_session_id)
    assert.deepEqual(user.processes(), [])
  })
})
