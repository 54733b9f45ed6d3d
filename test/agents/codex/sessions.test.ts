import assert from 'node:assert/strict'
import {chmodSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {result, withCodex} from '../../support/codex-sandbox.js'
import {AGENT_PROGRAMS} from '../../support/sandbox.js'

describe('a conversation with the real codex', () => {
  const codex = withCodex()

  it('that somebody else goes on with in codex itself is in use, too', async () => {
    const {server, user} = codex
    await user.clinvk(['one'])
    server.when('slow', {hang: 'headers'})
    const thread = user.session().backend_session_id!
    const other = user.run('codex', ['exec', '--skip-git-repo-check', 'resume', thread, 'slow'])
    await server.arrived('slow')
    const {error, exit_code: code} = result(await user.clinvk(['-c', 'at once', '-o', 'json']))
    assert.deepEqual([code, error?.kind], [4, 'session'])
    assert.match(error!.message, /already has an active writer/)
    assert.equal(server.calls.length, 2)
    other.child.kill('SIGTERM')
    await other.finished
    const {content} = result(await user.clinvk(['-c', 'now', '-o', 'json']))
    assert.match(content, /seen: \[one] .*\[now]$/)
  })

  it('is not mistaken for another one that codex begins instead', async () => {
    const {user} = codex
    await user.clinvk(['one'])
    const before = user.session()
    // Codex takes a word that is no UUID for a name, and begins a new conversation when nothing has it.
    const shim = user.write(
      'shim/codex',
      `#!/bin/sh\nexec ${join(AGENT_PROGRAMS, 'codex')} exec --json --skip-git-repo-check resume none -\n`,
    )
    chmodSync(shim, 0o755)
    const env = {PATH: `${dirname(shim)}:${user.env.PATH!}`}
    const other = await user.clinvk(['-c', 'two', '-o', 'json'], {env})
    const {error} = result(other)
    assert.deepEqual([other.code, error?.kind], [4, 'session'])
    assert.match(error!.message, /^Codex did not resume the conversation .*, it started /)
    assert.equal(user.session().backend_session_id, before.backend_session_id)
    assert.deepEqual(user.processes(), [])
  })
})
