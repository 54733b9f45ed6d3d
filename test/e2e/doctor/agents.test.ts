import assert from 'node:assert/strict'
import {doctor, onlyWrong} from '../../support/doctor.js'
import {InventedAgents} from '../../support/invented-agents.js'
import {scenes} from '../../support/scenes.js'

describe('doctor, about agents,', () => {
  const user = new InventedAgents().forEachTest()

  scenes(user, 'doctor')

  it('does not wait for one that hangs, and says how to try it', async () => {
    user.install('claude', 'sleep 1000')
    const found = await doctor(user, ['--timeout', '1s'])
    const {hints, message, state} = onlyWrong(found, 'agents')
    assert.deepEqual(
      {state, message},
      {state: 'warning', message: 'claude: Claude Code: it is unknown whether you are signed in.'},
    )
    assert.ok(hints!.includes('`claude auth status --json` gave no answer within 1.0s.'), hints!.join('\n'))
    assert.equal(hints!.at(-1), 'Try it: clinvk doctor --live claude')
    assert.deepEqual(user.processes(), [])
  })
})
