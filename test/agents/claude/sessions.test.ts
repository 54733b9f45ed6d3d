import assert from 'node:assert/strict'
import {chmodSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {result, withClaude} from '../../support/claude-sandbox.js'
import {AGENT_PROGRAMS} from '../../support/sandbox.js'

describe('a conversation with the real claude', () => {
  const claude = withClaude()

  it('is not mistaken for another one that claude begins instead', async () => {
    const {user} = claude
    await user.clinvk(['one'])
    const before = user.session()
    const shim = user.write(
      'shim/claude',
      `#!/bin/sh\nexec ${join(AGENT_PROGRAMS, 'claude')} "$@" --fork-session\n`,
    )
    chmodSync(shim, 0o755)
    const forked = await user.clinvk(['-c', 'two', '-o', 'json'], {
      env: {PATH: `${dirname(shim)}:${user.env.PATH!}`},
    })
    const {error} = result(forked)
    assert.deepEqual([forked.code, error?.kind], [4, 'session'])
    assert.match(error!.message, /^Claude Code did not resume the conversation .*, it started /)
    assert.equal(user.session().backend_session_id, before.backend_session_id)
    assert.deepEqual(user.processes(), [])
  })
})
