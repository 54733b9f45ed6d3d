import assert from 'node:assert/strict'
import {existsSync} from 'node:fs'
import {join} from 'node:path'
import {result, withClaude} from '../support/claude-sandbox.js'
import {json} from '../support/sandbox.js'
import {waitFor} from '../support/wait-for.js'

describe('a turn of claude that is ended from outside', () => {
  const claude = withClaude()
  /** Asked to wait, claude runs a tool that waits for ever; resolves when it does. */
  const startTool = async (...words: string[]) => {
    const {server, user} = claude
    const command = 'touch started; tail -f /dev/null'
    server.when('wait', {text: 'I wait.', tools: [{name: 'Bash', input: {command}}]})
    const running = user.start(['wait', '--allowed-tools', 'Bash', ...words])
    await waitFor('the tool', () => existsSync(join(user.project, 'started')))
    return running
  }
  const assertResumable = async (prompts: string) => {
    const {content} = result(await claude.user.clinvk(['-c', 'go on', '-o', 'json']))
    assert.equal(content, `You said: go on | turns=2 | seen: ${prompts} [go on]`)
    assert.equal(claude.user.session().status, 'active')
  }

  it('by --idle-timeout although claude says again and again that it tries again', async () => {
    const {server, user} = claude
    server.otherwise({status: 500})
    const {code, stderr} = await user.clinvk(['hello', '--idle-timeout', '4s'])
    assert.equal(code, 6)
    assert.match(stderr, /^Note: claude tries again in .* \(1 of 10\): 500 server_error\n/)
    assert.match(stderr, /^Error: Claude Code gave no sign of life for 4\.0s\.$/m)
    assert.equal(user.session().last_outcome, 'timeout')
    server.reset()
    await assertResumable('[hello]')
  })

  it('by the death of clinvk counts as running while claude lives, then as paused', async () => {
    const {user} = claude
    const running = await startTool()
    running.child.kill('SIGKILL')
    await running.finished
    const show = async () => json(await user.clinvk(['sessions', 'show', '@last', '--json']))
    assert.deepEqual(pick(await show()), {status: 'active', running: true, resumable: true})

    const {pid} = user.session().running!.agent!
    const refused = await user.clinvk(['resume', '--last', 'go on'])
    assert.equal(refused.code, 4)
    assert.ok(refused.stderr.includes(`is in use: a turn of it runs in process ${pid}.`), refused.stderr)

    process.kill(pid, 'SIGKILL')
    await waitFor('the end of claude', () => !user.processes().includes(pid))
    assert.deepEqual(pick(await show()), {status: 'paused', running: false, resumable: true})
    await assertResumable('[wait]')
  })
})

function pick({resumable, running, status}: Record<string, unknown>) {
  return {status, running, resumable}
}
