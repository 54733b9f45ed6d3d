import {CliUser} from '../../support/cli-user.js'
import {linkKeeperAgent} from '../../support/keeper-agent.js'
import {scenes} from '../../support/scenes.js'

describe('what agents had without clinvk', () => {
  const user = new CliUser().forEachTest()
  beforeEach(() => {
    linkKeeperAgent(user)
    const at = '2026-01-01T12:00:00.000Z'
    const lines = [
      {cwd: user.directory('elsewhere'), title: 'Fruit', at},
      {type: 'text', role: 'user', text: 'one apple', at},
      {type: 'text', role: 'assistant', text: 'I know: one apple', at, model: 'keeper-1'},
      {type: 'call', model: 'keeper-1', inputTokens: 100, outputTokens: 10, at},
    ]
    const record = lines.map((line) => `${JSON.stringify(line)}\n`).join('')
    user.write('.keeper/759bf483-1111-4222-8333-444455556666.jsonl', record)
  })

  scenes(user, 'conversations')
})
