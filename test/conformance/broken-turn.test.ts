import assert from 'node:assert/strict'
import {withInventedAgents} from '../support/invented-agents.js'

/** What a user has of a backend that is broken in a way that only a turn shows. */
describe('a turn with a backend', () => {
  const machine = withInventedAgents()
  const PLAN = "plan: () => ({kind: 'invocation', args: [], stdin: ''})"
  /** Answers, and stays. */
  const AGENT = "process.stdout.write('here\\n'); setTimeout(() => {}, 60_000)"

  const link = async (members: string) => {
    machine.user.write('plugins/odd/agent.js', AGENT)
    await machine.user.linkBackend('odd', `export default {${PLAN}, ${members}}`)
  }

  it('that has no reader for it starts no agent, and says whose fault it is', async () => {
    await link("reader() { throw new Error('no reader today') }")
    const {code, stderr} = await machine.user.clinvk(['-b', 'odd', 'hello'])
    assert.equal(code, 2)
    assert.match(
      stderr,
      /^Error: The backend odd fails: no reader today\n {2}It comes from clinvk-backend-odd\. .*: clinvk backends test odd$/m,
    )
    assert.deepEqual(machine.user.processes(), [])
  })

  it('that names a signal which is none can be stopped all the same', async () => {
    await link(
      "stopSignal: () => 'SIGNOTHING', reader: () => ({line: (text) => [{type: 'text', text}], end: () => ({outcome: 'failed', message: 'stopped'})})",
    )
    const running = machine.user.start(['-b', 'odd', 'hello'])
    await running.shows('here')
    running.child.kill('SIGINT')
    assert.equal((await running.finished).code, 130)
    assert.deepEqual(machine.user.processes(), [])
  })
})
