import assert from 'node:assert/strict'
import {existsSync} from 'node:fs'
import {join} from 'node:path'
import {isAlive} from 'clinvk-kit/process/identity'
import {smokeOf} from '../../support/agents.js'
import {reportOf} from '../../support/runs.js'
import {forEachAgent} from '../../support/promises.js'
import {waitFor} from '../../support/wait-for.js'
import {each} from '../../support/sandbox.js'

describe('a run whose clinvk is killed', () => {
  forEachAgent(({agent, real}) => {
    /** Starts a run of one task, in which a tool runs. */
    const startTool = async (command: string) => {
      const {server, user} = real
      const tools = [agent.shell(`touch started; ${command}`)]
      server.when('work', {text: 'I work.', tools}, {text: 'All is done.'})
      const running = user.start(['parallel', 'work', ...agent.always, ...agent.allowShell])
      await waitFor('the tool', () => existsSync(join(user.project, 'started')))
      return running
    }
    const resumed = async () => {
      const {user} = real
      const finished = await user.clinvk(['runs', 'resume', '@last', '--json'])
      assert.deepEqual(user.processes(), [])
      return {...reportOf(finished), stderr: finished.stderr}
    }

    it(`continues its conversation when it is resumed; the agent that still ran is ended${smokeOf(agent, 'codex')}`, async () => {
      const running = await startTool('tail -f /dev/null')
      running.child.kill('SIGKILL')
      await running.finished
      real.server.reset()
      const {results, stderr} = await resumed()
      assert.equal(results[0]!.outcome, 'success', stderr)
      assert.match(String(results[0]!.output), /seen: \[work\] ?\[The turn before was interrupted/)
      assert.match(stderr, /was interrupted: session \w{8} continues\. A tool that it ran may run twice/)
      assert.equal(real.user.sessions().length, 1)
    }).timeout(120_000)

    // Gemini's record does not tell whether a turn had ended: there its session continues.
    if (agent.name === 'gemini') return
    it('has the answer that the agent gave meanwhile, and asks no model again', async () => {
      const {server, user} = real
      const running = await startTool('sleep 1')
      // From now on clinvk sees nothing of what its agent does.
      running.child.kill('SIGSTOP')
      const {agent: identity} = user.session().running!
      await waitFor('the end of the agent', () => !isAlive(identity))
      running.child.kill('SIGKILL')
      await running.finished
      const calls = server.calls.length
      const {results, stderr} = await resumed()
      assert.deepEqual(each(results, 'outcome'), ['success'], stderr)
      assert.match(String(results[0]!.output), /All is done\.$/)
      assert.match(stderr, /had ended: its answer is in the record of/)
      assert.equal(server.calls.length, calls)
    }).timeout(120_000)
  })
})
