import assert from 'node:assert/strict'
import {chmodSync, rmSync, statSync} from 'node:fs'
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

  it('goes on with -c, again and again', async () => {
    const {user} = claude
    await user.clinvk(['one'])
    await user.clinvk(['-c', 'two'])
    const {content} = result(await user.clinvk(['-c', 'three', '-o', 'json']))
    assert.equal(content, 'You said: three | turns=3 | seen: [one] [two] [three]')
    assert.equal(user.session().turn_count, 3)
    assert.deepEqual(user.conversationIds(), [user.session().backend_session_id])
  })

  it('goes on from any directory, in its own one', async () => {
    const {server, user} = claude
    await user.clinvk(['one'])
    const {id} = user.session()
    server.when('where', {tools: [{name: 'Bash', input: {command: 'pwd'}}]}, {text: 'there'})
    const {code, stderr, stdout} = await user.clinvk(['resume', id.slice(0, 6), 'where are you?'], {
      cwd: user.directory('elsewhere'),
    })
    assert.deepEqual([code, stdout], [0, 'there\n'])
    assert.equal(stderr, `Note: Session ${id.slice(0, 8)} goes on in ${user.project}\n`)
    assert.equal(server.calls.at(-1)?.turns.at(-1)?.toolResults[0]?.text, user.project)
    assert.deepEqual(server.calls.at(-1)?.prompts, ['one', 'where are you?'])
  })

  it('is not mixed up with another one', async () => {
    const {user} = claude
    await user.clinvk(['first of A'])
    const {id} = user.session()
    await user.clinvk(['first of B'], {cwd: user.directory('other')})
    const last = result(await user.clinvk(['resume', '--last', 'B again', '-o', 'json']))
    assert.match(last.content, /seen: \[first of B] \[B again]$/)
    const named = result(await user.clinvk(['resume', id, 'A again', '-o', 'json']))
    assert.match(named.content, /seen: \[first of A] \[A again]$/)
    assert.equal(named.session_id, id)
    assert.equal(user.conversations().length, 2)
  })

  it('takes one turn at a time', async () => {
    const {server, user} = claude
    await user.clinvk(['one'])
    server.when('slow', {hang: 'headers'})
    const first = user.start(['-c', 'slow'])
    await server.arrived('slow')
    const second = await user.clinvk(['-c', 'at once', '-o', 'json'])
    const {error, exit_code: code} = result(second)
    assert.deepEqual([code, error?.kind], [4, 'session'])
    assert.match(second.stderr, /Session [\da-f]{8} is in use: a turn of it runs in process \d+\.\n {2}Wait/)
    first.child.kill('SIGINT')
    assert.equal((await first.finished).code, 130)
    assert.equal(server.calls.length, 2)
  })

  it('that claude has forgotten is not silently begun anew', async () => {
    const {server, user} = claude
    await user.clinvk(['one'])
    for (const file of user.conversations()) rmSync(file)
    const forgotten = await user.clinvk(['-c', 'two', '-o', 'json'])
    const {error, outcome} = result(forgotten)
    assert.deepEqual([forgotten.code, outcome, error?.kind], [4, 'session', 'session'])
    assert.match(
      forgotten.stderr,
      /^Error: No conversation found with session ID: .*\n {2}Nothing was changed in the session\. Start a new/,
    )
    assert.equal(server.calls.length, 1)
    assert.equal(user.session().status, 'error')
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
