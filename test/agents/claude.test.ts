import assert from 'node:assert/strict'
import {existsSync, readdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {result, sentBy, withClaude} from '../support/agent-user.js'
import {recordOf} from '../support/record-of.js'
import {ends} from '../support/sandbox.js'

/** What is claude's alone; what holds for all agents is in `test/agents/promises`. */
describe('a turn of claude', () => {
  const claude = withClaude()
  const turn = async (...words: string[]) => result(await claude.user.clinvk([...words, '-o', 'json']))
  const record = () => recordOf('claude', claude.user, claude.user.session())
  const path = () => join(claude.user.project, 'auth.go')
  const write = (file: string) => ({name: 'Write', input: {file_path: file, content: 'fixed'}})
  const bash = (input: object) => ({tools: [{name: 'Bash', input}]})

  it('gives the answer of a broken stream once, and counts the call that claude makes again', async () => {
    const {server} = claude
    const text = 'This is a long answer in many pieces.'
    server.when('break', {text, chunks: 6, chunkMs: 50, cut: true})
    const {content, usage: {models, ...usage} = {}} = await turn('break')
    assert.deepEqual([content, usage], [text, sentBy(server, false)])
    assert.deepEqual(Object.values(models ?? {}), [usage])
    const streams = server.calls.map(({stream}) => stream)
    assert.deepEqual(streams, [true, false])
  })

  it('separates what was shown of a broken stream from another answer', async () => {
    const {server, user} = claude
    const broken = {text: 'This is a long answer.', chunkMs: 50, cut: true, failTimes: 1} as const
    server.when('break', {...broken, then: {text: 'Another answer.'}})
    await ends(user.clinvk(['break']), {stdout: /^This.*\n\nAnother answer\.\n$/})
  })

  it('counts sub-agents, tasks and commands in the background; all of it is deleted', async () => {
    const {server, user} = claude
    await turn('hello')
    server.reset()
    const input = {description: 'look', prompt: 'sub work', subagent_type: 'Explore'}
    const background = {command: 'echo background; sleep 60', run_in_background: true}
    server.when(
      'delegate',
      {tools: [{name: 'Agent', input}]},
      {tools: [{name: 'TaskCreate', input: {subject: 'a task', description: 'to do'}}]},
      bash(background),
      {text: 'delegated'},
    )
    const {content, usage: {models, ...usage} = {}} = await turn('-c', 'delegate', '--allowed-tools', 'Bash')
    assert.deepEqual([content, usage], ['delegated', sentBy(server, false)])
    assert.ok(server.calls.some(({prompt}) => prompt === 'sub work'))
    const {backend_session_id: id = ''} = user.session()
    const kept = () => user.files().filter((file) => file.includes(id))
    for (const part of ['/subagents/', '.claude/tasks/', 'tmp/claude-'])
      assert.ok(
        kept().some((file) => file.includes(part)),
        `${part} is not in\n${kept().join('\n')}`,
      )
    const {input_tokens: read, output_tokens: written} = (await record())?.turns[1]?.usage ?? {}
    assert.deepEqual([read, written], [usage.input_tokens, usage.output_tokens])
    const {code} = await user.clinvk(['sessions', 'delete', '@last', '--agent'])
    assert.deepEqual([code, kept(), existsSync(join(user.home, '.claude/session-env', id))], [0, [], false])
  })

  it('that failed or was stopped is in the record of claude, too', async () => {
    const {server, user} = claude
    server.when('fail', {status: 400, message: 'no'})
    server.when('silent', {hang: 'headers'})
    await turn('one')
    await turn('-c', 'fail')
    const running = user.start(['-c', 'silent'])
    await server.arrived('silent')
    running.child.kill('SIGINT')
    await running.finished
    await turn('-c', 'four')
    assert.deepEqual([user.session().turn_count, (await record())?.turns.length], [4, 4])
  })

  for (const command of ['mkdir made && echo "it\'s" > made/it', 'touch it*']) {
    it(`runs the command ${command} with what is printed when it was denied`, async () => {
      const {server, user} = claude
      server.when(/^run|continue/, bash({command}), {text: 'As far as I could.'})
      const {stderr} = await user.clinvk(['run it'])
      const [, printed] = /^Resume with more permissions: (.*)$/m.exec(stderr) ?? []
      assert.ok(printed, stderr)
      const env = {PATH: user.pathWithClinvk()}
      await ends(user.run('sh', ['-c', printed], {env}).finished, {code: 0, stderr: ''})
      assert.equal(readdirSync(user.project).length, 1)
    })
  }

  it('keeps what was allowed once, also where the next file is outside of the directory', async () => {
    const {server, user} = claude
    const notes = join(user.home, 'new/notes.txt')
    server.when(/^fix|continue/, {tools: [write(path()), write(notes)]}, {text: 'Done.'})
    const {stderr} = await user.clinvk(['fix it', '--approval-mode', 'auto'])
    const [, flags] = /resume [\da-f]{8} (.*) continue\n$/.exec(stderr) ?? []
    assert.equal(flags, `--approval-mode auto --allowed-tools 'Edit(/${notes})'`)
    await user.clinvk(['-c', '--approval-mode', 'auto', '--allowed-tools', `Edit(/${notes})`, 'continue'])
    assert.equal(readFileSync(notes, 'utf8'), 'fixed')
  })

  it('names what claude forbids in every mode without a command that would not help', async () => {
    const {server, user} = claude
    const hook = join(user.project, '.git/hooks/pre-commit')
    server.when('hook', {tools: [write(hook)]}, {text: 'As far as I could.'})
    const {code, stderr} = await user.clinvk(['add a hook', '--approval-mode', 'auto'])
    assert.deepEqual([code, stderr], [0, `claude was not allowed to use:\n  Write ${hook}\n`])
  })

  it('names what claude ends in the background because the answer is complete', async () => {
    const {server, user} = claude
    const input = {command: 'sleep 60', description: 'wait a minute', run_in_background: true}
    server.when('in the background', bash(input), {text: 'It runs.'})
    const words = ['wait in the background', '--allowed-tools', 'Bash']
    const {code, stderr, stdout} = await user.clinvk(words)
    assert.deepEqual([code, stdout], [0, 'It runs.\n'])
    assert.match(stderr, /^Note: Claude Code ended a command that was still running: wait a minute\n/)
  })

  it('loses nothing of what claude says at the end of a command in the background', async () => {
    const {server, user} = claude
    const later = bash({command: 'sleep 1; echo ended', run_in_background: true})
    server.when('later', later, {text: 'I wait.'}, {text: 'It has ended.'})
    const {code, stdout} = await user.clinvk(['later', '--allowed-tools', 'Bash'])
    assert.deepEqual([code, stdout], [0, 'I wait.\n\nIt has ended.\n'])
  })

  it('may finish the answer that was its last beyond max_tokens, and says that it took more', async () => {
    claude.user.write('.clinvk/config.yaml', 'unified_flags: {max_tokens: 1}\n')
    const {backend_exit_code: exit, content, exit_code: code, outcome} = await turn('hello')
    assert.match(content, /^You said: hello/)
    assert.deepEqual([outcome, code, exit], ['limit', 11, 0])
  })

  it('on a record in which an answer has no model hangs, and ends by --idle-timeout', async () => {
    const {user} = claude
    const {backend_session_id: id = '', session_id: session = ''} = await turn('one')
    const [file = ''] = user.conversations()
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll(/"model":"[^"]*",/g, ''))
    await ends(user.clinvk(['resume', session, 'two', '--idle-timeout', '6s']), {
      code: 6,
      stdout: '',
      stderr: /^Error: Claude Code made no progress for 6\.0s\.$/m,
    })
    assert.equal(user.session().backend_session_id, id)
  })
})
