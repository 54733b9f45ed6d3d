import assert from 'node:assert/strict'
import {existsSync} from 'node:fs'
import {join} from 'node:path'
import {result} from '../../support/agent-user.js'
import {waitFor} from '../../support/wait-for.js'
import {forEachAgent} from '../../support/promises.js'
import {ends} from '../../support/sandbox.js'

describe('a turn that is ended from outside', () => {
  forEachAgent(({agent, real}) => {
    /** Asked to wait, the agent runs a tool that waits for ever; resolves when it does. */
    const startTool = async () => {
      const {server, user} = real
      server.when('wait', {text: 'I wait.', tools: [agent.shell('touch started; tail -f /dev/null')]})
      const running = user.start([...agent.always, ...agent.allowShell, '--', 'wait'])
      await waitFor('the tool', () => existsSync(join(user.project, 'started')))
      return running
    }
    const assertPaused = (signal: string) => {
      const {last_outcome: outcome, running, status} = real.user.session()
      assert.deepEqual([status, outcome, running], ['paused', 'cancelled', undefined], signal)
      assert.deepEqual(real.user.processes(), [])
    }
    const assertGoesOn = async (prompts: string) => {
      const {content} = result(await real.user.clinvk(['-c', 'go on', '-o', 'json', ...agent.always]))
      assert.equal(content, `You said: go on | turns=2 | seen: ${prompts} [go on]`)
      assert.equal(real.user.session().status, 'active')
    }

    it('by SIGINT while it answers is kept, says how to resume, and is resumed @smoke', async () => {
      const {server, user} = real
      server.when('tell', {text: 'Once upon a time there was', hang: 'stream'})
      const running = user.start(['tell me', ...agent.always])
      const call = await server.arrived('tell')
      if (agent.streams) await running.shows('Once')
      else await waitFor('the answer begins', () => call.status === 200)
      running.child.kill('SIGINT')
      const {stderr, stdout} = await ends(running.finished, {code: 130})
      if (agent.streams) assert.match(stdout, /^Once .*\n$/)
      const id = user.session().id.slice(0, 8)
      assert.equal(stderr, `Cancelled.\n  The session is kept. Resume it: clinvk resume ${id} "continue"\n`)
      assertPaused('SIGINT')
      await assertGoesOn('[tell me]')
    })

    for (const [signal, exit] of [
      ['SIGINT', 130],
      ['SIGTERM', 143],
    ] as const) {
      it(`by ${signal} while a tool runs ends the tool, too, and the session is resumed`, async () => {
        const running = await startTool()
        running.child.kill(signal)
        assert.equal((await running.finished).code, exit)
        assertPaused(signal)
        await assertGoesOn('[wait]')
      })
    }

    it('by SIGINT before the first word is kept, and is resumed', async () => {
      const {server, user} = real
      server.when('silent', {hang: 'headers'})
      const running = user.start(['silent', ...agent.always])
      await server.arrived('silent')
      running.child.kill('SIGINT')
      await ends(running.finished, {code: 130, stdout: ''})
      assertPaused('SIGINT')
      await assertGoesOn('[silent]')
    })

    it('by --timeout, because the model is silent, says so', async () => {
      const {server, user} = real
      server.when('silent', {hang: 'headers'})
      const {code, stderr} = await user.clinvk(['silent', '--timeout', '4s', ...agent.always])
      assert.equal(code, 6)
      assert.match(stderr, new RegExp(`^Error: ${agent.title} did not finish within 4\\.0s\\.\n`))
      assert.equal(user.session().last_outcome, 'timeout')
      assert.deepEqual(user.processes(), [])
    })
  })
})
