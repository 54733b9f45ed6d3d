import assert from 'node:assert/strict'
import {existsSync} from 'node:fs'
import {join} from 'node:path'
import {result, withClaude} from '../../support/claude-sandbox.js'
import {json} from '../../support/sandbox.js'
import {waitFor} from '../../support/wait-for.js'

describe('a turn of claude that is ended from outside', () => {
  const claude = withClaude()

  it('by the death of clinvk counts as running while claude lives, then as paused', async () => {
    const {server, user} = claude
    const tools = [{name: 'Bash', input: {command: 'touch started; tail -f /dev/null'}}]
    server.when('wait', {text: 'I wait.', tools})
    const running = user.start(['wait', '--allowed-tools', 'Bash'])
    await waitFor('the tool', () => existsSync(join(user.project, 'started')))
    running.child.kill('SIGKILL')
    await running.finished
    const show = async () => json(await user.clinvk(['sessions', 'show', '@last', '--json']))
    assert.deepEqual(pick(await show()), {status: 'active', running: true, resumable: true})

    const {pid} = user.session().running!.agent!
    const refused = await user.clinvk(['resume', '--last', 'go on'])
    assert.equal(refused.code, 4)
    assert.ok(refused.stderr.includes(`is in use: process ${pid} runs a turn of it.`), refused.stderr)

    process.kill(pid, 'SIGKILL')
    await waitFor('the end of claude', () => !user.processes().includes(pid))
    assert.deepEqual(pick(await show()), {status: 'paused', running: false, resumable: true})
    const {content} = result(await user.clinvk(['-c', 'go on', '-o', 'json']))
    assert.equal(content, 'You said: go on | turns=2 | seen: [wait] [go on]')
  })
})

function pick({resumable, running, status}: Record<string, unknown>) {
  return {status, running, resumable}
}
