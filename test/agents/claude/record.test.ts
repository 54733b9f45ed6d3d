import assert from 'node:assert/strict'
import {existsSync, readdirSync} from 'node:fs'
import {join} from 'node:path'
import {result, withClaude} from '../../support/claude-sandbox.js'
import {recordOf} from '../../support/record-of.js'

describe("claude's own record of a conversation", () => {
  const claude = withClaude()
  const json = async (...words: string[]) => result(await claude.user.clinvk([...words, '-o', 'json']))
  const record = () => recordOf('claude', claude.user, claude.user.session())

  it('has sub-agents, tasks and commands in the background; all of it is deleted', async () => {
    const {server, user} = claude
    server.when(
      'delegate',
      {tools: [{name: 'Agent', input: {description: 'look', prompt: 'sub work', subagent_type: 'Explore'}}]},
      {tools: [{name: 'TaskCreate', input: {subject: 'a task', description: 'to do'}}]},
      {tools: [{name: 'Bash', input: {command: 'echo background; sleep 60', run_in_background: true}}]},
      {text: 'delegated'},
    )
    await json('hello')
    const {usage} = await json('-c', 'delegate', '--allowed-tools', 'Bash')
    const {backend_session_id: id = ''} = user.session()
    const kept = filesOf(user.home, id)
    for (const part of ['/subagents/', '.claude/tasks/', `tmp/claude-`]) {
      assert.ok(kept.some((path) => path.includes(part)), `${part} is not in\n${kept.join('\n')}`) // prettier-ignore
    }

    const {input_tokens: input, output_tokens: output} = (await record())?.turns[1]?.usage ?? {}
    assert.deepEqual([input, output], [usage?.input_tokens, usage?.output_tokens])
    const {code} = await user.clinvk(['sessions', 'delete', '@last', '--agent'])
    assert.equal(code, 0)
    assert.deepEqual(filesOf(user.home, id), [])
    assert.equal(existsSync(join(user.home, '.claude/session-env', id)), false)
  })

  it('counts a turn that failed and one that was stopped, as clinvk does', async () => {
    const {server, user} = claude
    server.when('fail', {status: 400, message: 'no'})
    server.when('silent', {hang: 'headers'})
    await json('one')
    await json('-c', 'fail')
    const running = user.start(['-c', 'silent'])
    await server.arrived('silent')
    running.child.kill('SIGINT')
    await running.finished
    await json('-c', 'four')
    assert.equal(user.session().turn_count, 4)
    assert.equal((await record())?.turns.length, 4)
  })
})

function filesOf(home: string, id: string): string[] {
  return readdirSync(home, {recursive: true, withFileTypes: true})
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => path.includes(id))
}
