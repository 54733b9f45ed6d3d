import assert from 'node:assert/strict'
import {result, withClaude} from '../support/claude-sandbox.js'

describe('unified_flags.max_tokens, with the real claude,', () => {
  const claude = withClaude()

  it('ends a turn that goes on beyond it, with exit 11, and the session can go on', async () => {
    const {server, user} = claude
    user.write('.clinvk/config.yaml', 'unified_flags: {max_tokens: 100}\n')
    const step = {name: 'Bash', input: {command: 'sleep 600'}}
    server.when('much', {text: 'I begin.', tools: [step]}, {text: 'I go on.'})
    const stopped = await user.clinvk(['much to do', '--allowed-tools', 'Bash'])
    assert.match(
      stopped.stderr,
      /^Error: Claude Code used [\d,]+ tokens; unified_flags\.max_tokens is 100\.\n {2}The session is kept\. Resume it: /,
    )
    assert.deepEqual([stopped.code, stopped.stdout], [11, 'I begin.\n'])
    assert.equal(user.session().last_outcome, 'limit')
    user.write('.clinvk/config.yaml', 'unified_flags: {max_tokens: 10000000}\n')
    const {content, outcome} = result(await user.clinvk(['-c', 'go on', '-o', 'json']))
    assert.equal(outcome, 'success')
    assert.match(content, /\[go on]$/)
  })

  it('lets claude finish the answer that was its last, and says that it took more', async () => {
    const {user} = claude
    user.write('.clinvk/config.yaml', 'unified_flags: {max_tokens: 1}\n')
    const turn = result(await user.clinvk(['hello', '-o', 'json']))
    assert.match(turn.content, /^You said: hello/)
    assert.deepEqual([turn.outcome, turn.exit_code, turn.backend_exit_code], ['limit', 11, 0])
  })
})
