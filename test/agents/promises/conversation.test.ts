import assert from 'node:assert/strict'
import {renameSync, rmSync} from 'node:fs'
import {join} from 'node:path'
import {forEachAgent} from '../../support/promises.js'
import {smokeOf} from '../../support/agents.js'
import {ends} from '../../support/sandbox.js'

describe('a conversation', () => {
  forEachAgent(({agent, real, turn}) => {
    it('is a session with the directory, the model and the id that the agent told', async () => {
      const {server, user} = real
      const {code, stderr, stdout} = await user.clinvk(['fix the bug', ...agent.always])
      assert.deepEqual([code, stderr], [0, ''])
      assert.equal(stdout, 'You said: fix the bug | turns=1 | seen: [fix the bug]\n')
      const {backend_state: state, created_at: created, id, last_used: used, ...session} = user.session()
      const {token_usage: usage, ...told} = session
      assert.deepEqual(told, {
        backend: agent.name,
        working_dir: user.project,
        backend_session_id: user.conversationIds()[0],
        model: agent.provider + server.calls.at(-1)!.model,
        initial_prompt: 'fix the bug',
        title: 'fix the bug',
        status: 'active',
        turn_count: 1,
        last_outcome: 'success',
      })
      assert.match(id, /^[\da-f]{32}$/)
      assert.ok(Date.parse(created) <= Date.parse(used))
      assert.equal(usage?.output_tokens, server.usage().output)
    })

    it('is resumed with -c, again and again', async () => {
      await turn('one')
      await turn('-c', 'two')
      const {content} = await turn('-c', 'three')
      assert.equal(content, 'You said: three | turns=3 | seen: [one] [two] [three]')
      const {backend_session_id: id, turn_count: turns} = real.user.session()
      assert.equal(turns, 3)
      assert.deepEqual(real.user.conversationIds(), [id])
    })

    it('is resumed from any directory, in its own one', async () => {
      const {server, user} = real
      await turn('one')
      const {id} = user.session()
      server.when('where', {tools: [agent.shell('pwd')]}, {text: 'there'})
      const words = ['resume', id.slice(0, 6), 'where are you?', ...agent.always, ...agent.allowShell]
      const {code, stderr, stdout} = await user.clinvk(words, {cwd: user.directory('elsewhere')})
      assert.deepEqual([code, stdout], [0, 'there\n'])
      assert.equal(stderr, `Note: Session ${id.slice(0, 8)} continues in ${user.project}\n`)
      const call = server.calls.at(-1)!
      assert.ok(call.turns.at(-1)?.toolResults[0]?.text.includes(user.project))
      assert.deepEqual(call.prompts, ['one', 'where are you?'])
    })

    it('is resumed in a project that was renamed, and back again, when it is moved @smoke', async () => {
      const {server, user} = real
      const renamed = join(user.home, "new 'name")
      await turn('one')
      const {id} = user.session()
      renameSync(user.project, renamed)
      server.when('where', {tools: [agent.shell('pwd')]}, {text: 'there'})
      const words = ['resume', id, '--workdir', renamed, '--move', 'where are you?', ...agent.always]
      const {code, stdout} = await user.clinvk([...words, ...agent.allowShell], {cwd: user.home})
      assert.deepEqual([code, stdout], [0, 'there\n'])
      const call = server.calls.at(-1)!
      assert.ok(call.turns.at(-1)?.toolResults[0]?.text.includes(renamed))
      assert.deepEqual(call.prompts, ['one', 'where are you?'])
      assert.equal(new Set(user.conversationIds()).size, 1)

      renameSync(renamed, user.project)
      await ends(user.clinvk(['sessions', 'move', '--from', renamed, '--to', user.project]), {code: 0})
      await turn('-c', 'and now?')
      assert.deepEqual(server.calls.at(-1)!.prompts, ['one', 'where are you?', 'and now?'])
      await user.clinvk(['sessions', 'delete', id, '--agent'])
      assert.deepEqual(user.conversationIds(), [])
    })

    it('is not mixed up with another one', async () => {
      await turn('first of A')
      const {id} = real.user.session()
      await turn('first of B')
      assert.match((await turn('resume', '--last', 'B again')).content, /seen: \[first of B] \[B again]$/)
      assert.match((await turn('resume', id, 'A again')).content, /seen: \[first of A] \[A again]$/)
    })

    it('takes one turn at a time, and says who has it', async () => {
      const {server, user} = real
      await turn('one')
      server.when('slow', {hang: 'headers'})
      const first = user.start(['-c', 'slow', ...agent.always])
      await server.arrived('slow')
      const calls = server.calls.length
      const second = await user.clinvk(['-c', 'at once', ...agent.always])
      assert.equal(second.code, 4)
      assert.match(second.stderr, /Session [\da-f]{8} is in use: process \d+ runs a turn of it\.\n {2}Wait/)
      first.child.kill('SIGINT')
      assert.equal((await first.finished).code, 130)
      assert.equal(server.calls.length, calls)
    })

    it('that the agent has forgotten, and of which clinvk has no copy, is not silently begun anew', async () => {
      const {server, user} = real
      user.write('.clinvk/config.yaml', 'history: {archive: off}\n')
      await turn('one')
      const calls = server.calls.length
      for (const file of user.conversations()) rmSync(file)
      const {error, exit_code: code, outcome} = await turn('-c', 'two')
      assert.deepEqual([code, outcome, error?.kind], [4, 'session', 'session'])
      assert.match(error?.hints?.join() ?? '', /Start a new one/)
      assert.equal(server.calls.length, calls)
      assert.equal(user.session().status, 'error')
    })

    it(`leaves nothing behind with --ephemeral${smokeOf(agent, 'codex')}`, async () => {
      const {user} = real
      const {content, session_id: id} = await turn('quick question', '--ephemeral')
      assert.match(content, /^You said: quick question/)
      assert.equal(id, undefined)
      assert.deepEqual([user.sessions(), user.conversations()], [[], []])
    })
  })
})
