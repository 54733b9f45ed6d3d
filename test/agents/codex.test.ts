import assert from 'node:assert/strict'
import {chmodSync, existsSync, mkdirSync, readdirSync, renameSync} from 'node:fs'
import {delimiter, dirname, join} from 'node:path'
import {result, sentBy, withCodex} from '../support/agent-user.js'
import {each, ends, json, jsonLines} from '../support/sandbox.js'
import {waitFor} from '../support/wait-for.js'

/** What is codex's alone; what holds for all agents is in `test/agents/promises`. */
describe('a turn of codex', () => {
  const codex = withCodex()
  const turn = async (...words: string[]) => result(await codex.user.clinvk([...words, '-o', 'json']))
  const patch = (...lines: string[]) => ({
    name: 'apply_patch',
    input: ['*** Begin Patch', ...lines, '*** End Patch', ''].join('\n'),
  })
  const run = (cmd: string, more = {}) => ({name: 'exec_command', input: {cmd, ...more}})
  const FIX = patch('*** Update File: auth.txt', '@@', '-broken', '+fixed')

  /** Directories that codex keeps a command from making, where it may write. */
  const guarded = () => {
    const {env, project} = codex.user
    return [project, env.TMPDIR!, '/tmp']
      .flatMap((place) => ['.git', '.codex', '.agents', '.aws'].map((name) => join(place, name)))
      .filter((path) => existsSync(path))
  }

  for (const mode of ['default', 'read-only', 'workspace']) {
    it(`that SIGINT ends while a tool runs with --sandbox-mode ${mode} leaves nothing`, async () => {
      const {server, user} = codex
      const before = guarded()
      const tools = [run('echo $$; tail -f /dev/null', {yield_time_ms: 30_000})]
      server.when('wait', {text: 'I wait.', tools})
      const running = user.start(['-o', 'stream-json', '--sandbox-mode', mode, '--', 'wait'])
      await running.shows('"type":"tool_call"')
      await waitFor('the tool', () => user.processes().length > 2)
      running.child.kill('SIGINT')
      assert.equal((await running.finished).code, 130)
      assert.deepEqual(user.processes(), [])
      // Other tests of codex may run at the same time, and have theirs in /tmp until they end.
      await waitFor('the guarded directories are gone', () =>
        guarded().every((path) => before.includes(path)),
      )
      assert.deepEqual([readdirSync(user.project), user.session().status], [[], 'paused'])
      const {content} = await turn('-c', 'go on')
      assert.equal(content, 'You said: go on | turns=2 | seen: [wait] [go on]')
    })
  }

  it('counts what a sub-agent used, and shows in its log what it said, whose thread is another one', async () => {
    const {server, user} = codex
    const input = {message: 'sub work', agent_type: 'default'}
    const until = 'until grep -q "A marmot" -r ~/.codex/sessions; do sleep 0.1; done'
    server.when(
      'delegate',
      {tools: [{namespace: 'multi_agent_v1', name: 'spawn_agent', input}]},
      {tools: [run(until, {yield_time_ms: 30_000})]},
    )
    server.when('sub work', {text: 'A marmot.'})
    const {usage} = await turn('delegate')
    assert.deepEqual(usage, sentBy(server))
    const {messages} = json(await user.clinvk(['sessions', 'log', '@last', '--json']))
    const told = (messages as {sub_agent?: string; text?: string}[]).filter(({sub_agent: by}) => by)
    assert.deepEqual(each(told, 'text'), ['A marmot.'])
    const log = `> delegate\n[^]*- spawn_agent\\b[^]*\n${told[0]!.sub_agent}: A marmot\\.\n`
    await ends(user.clinvk(['sessions', 'log', '@last', '--tools']), {code: 0, stdout: new RegExp(log)})
  })

  it('is refused while somebody else resumes the conversation in codex itself', async () => {
    const {server, user} = codex
    await turn('one')
    server.when('slow', {hang: 'headers'})
    const thread = user.session().backend_session_id!
    const other = user.run('codex', ['exec', '--skip-git-repo-check', 'resume', thread, 'slow'])
    await server.arrived('slow')
    const {error, exit_code: code} = await turn('-c', 'at once')
    assert.deepEqual([code, error?.kind], [4, 'session'])
    assert.match(error!.message, /already has an active writer/)
    assert.equal(server.calls.length, 2)
    other.child.kill('SIGTERM')
    await other.finished
    assert.match((await turn('-c', 'now')).content, /seen: \[one] .*\[now]$/)
  })

  it('names in JSON what was denied, and not what merely failed', async () => {
    const {server, user} = codex
    const elsewhere = user.elsewhere()
    const add = patch(`*** Add File: ${elsewhere}/notes.txt`, '+noted')
    const commands = [run(`touch ${elsewhere}/a`), run('ls nothing'), run('exit 3')]
    server.when('try', {tools: [add, ...commands]}, {text: 'As far as I could.'})
    const {denials} = await turn('try', '--sandbox-mode', 'workspace')
    const allow = ['--sandbox-mode', 'workspace', '--add-dir', elsewhere]
    assert.deepEqual(denials, [
      {tool: 'apply_patch', target: `${elsewhere}/notes.txt`, allow},
      {tool: 'exec_command', target: `touch ${elsewhere}/a`, allow: ['--sandbox-mode', 'full']},
    ])
  })

  it('with --ephemeral names what was denied and what was used, too', async () => {
    const {server, user} = codex
    server.when('fix', {tools: [FIX]}, {text: 'As far as I could.'})
    user.write('project/auth.txt', 'broken\n')
    const {denials, usage} = await turn('fix it', '--ephemeral')
    assert.deepEqual(denials, [{tool: 'apply_patch', allow: ['--sandbox-mode', 'workspace']}])
    assert.deepEqual(usage, sentBy(server))
  })

  it('tells what a script of a newer model was allowed and denied', async () => {
    const {server, user} = codex
    const script = [
      `const {output} = await tools.exec_command({cmd: 'touch ${user.elsewhere()}/a'})`,
      'text(output)',
      'await tools.apply_patch(`*** Begin Patch\n*** Add File: b.txt\n+b\n*** End Patch\n`)',
    ].join('\n')
    server.when(/^try|continue/, {tools: [{name: 'exec', input: script}]}, {text: 'As far as I could.'})
    const words = ['-m', 'balanced', '--sandbox-mode']
    const allow = ['--sandbox-mode', 'workspace']
    assert.deepEqual((await turn('try', ...words, 'read-only')).denials, [
      {tool: 'apply_patch', allow},
      {tool: 'exec_command', allow},
    ])
    const {denials} = await turn('-c', 'continue', ...words, 'workspace')
    assert.ok(existsSync(join(user.project, 'b.txt')))
    assert.deepEqual(denials, [{tool: 'exec_command', allow: ['--sandbox-mode', 'full']}])
  })

  it('ends a command that runs in the background at the end, and leaves nothing', async () => {
    const {server, user} = codex
    const tools = [run('tail -f /dev/null', {yield_time_ms: 250})]
    server.when('begin', {tools}, {text: 'It runs.'})
    const {code, stderr, stdout} = await user.clinvk(['begin', '--sandbox-mode', 'workspace'])
    assert.deepEqual([code, stdout, stderr], [0, 'It runs.\n', ''])
    assert.deepEqual([user.processes(), readdirSync(user.project)], [[], []])
    assert.match((await turn('-c', 'go on')).content, /seen: \[begin] \[go on]$/)
  })

  it('works in a project that has directories which codex guards', async () => {
    const {server, user} = codex
    mkdirSync(join(user.project, '.git'))
    user.write('project/auth.txt', 'broken\n')
    server.when('fix', {tools: [FIX, run('touch made')]}, {text: 'Done.'})
    const words = ['fix it', '--sandbox-mode', 'workspace', '-o', 'stream-json']
    const events = jsonLines(await user.clinvk(words))
    const outputs = events.flatMap(({output, type}) => (type === 'tool_result' ? [output] : []))
    assert.deepEqual(outputs.sort(), ['', `update ${join(user.project, 'auth.txt')}`])
    assert.deepEqual(readdirSync(user.project).sort(), ['.git', 'auth.txt', 'made'])
  })

  for (const mode of ['full', 'workspace']) {
    it(`that was interrupted has its usage, and the next one its own, with --sandbox-mode ${mode}`, async () => {
      const {server, user} = codex
      await turn('zero')
      server.reset()
      server.when('stop', {tools: [run('echo one')]}, {text: 'begun', hang: 'stream'})
      const running = user.start(['-c', 'stop', '-o', 'json', '--sandbox-mode', mode])
      const call = await server.arrived('stop', 2)
      await waitFor('the answer begins', () => call.status === 200)
      running.child.kill('SIGINT')
      const {exit_code: code, usage} = result(await running.finished)
      assert.deepEqual([code, usage], [130, sentBy(server)])
      server.reset()
      assert.deepEqual((await turn('-c', 'go on')).usage, sentBy(server))
    })
  }

  it("without codex's file has the difference to the turn before as its usage, and never a guess", async () => {
    const {server, user} = codex
    // A PATH whose codex keeps its files where clinvk does not look.
    renameSync(join(user.home, '.codex'), join(user.home, 'hidden'))
    const shim = user.write(
      'shim/codex',
      `#!/bin/sh\nCODEX_HOME=${user.home}/hidden PATH=${user.env.PATH} exec codex "$@"\n`,
    )
    chmodSync(shim, 0o755)
    user.env.PATH = [dirname(shim), user.env.PATH!].join(delimiter)
    assert.deepEqual((await turn('one')).usage, sentBy(server))
    server.reset()
    assert.deepEqual((await turn('-c', 'two')).usage, sentBy(server))
    server.when('stop', {tools: [run('echo one')]}, {hang: 'headers'})
    const running = user.start(['-c', 'stop', '-o', 'json'])
    await server.arrived('stop', 2)
    running.child.kill('SIGINT')
    assert.equal(result(await running.finished).usage, undefined)
    assert.equal((await turn('-c', 'three')).usage, undefined)
    server.reset()
    assert.deepEqual((await turn('-c', 'four')).usage, sentBy(server))
  })

  it('that was handed over is not continued in another thread, which codex does where the id in a file is not its own', async () => {
    const {user} = codex
    await turn('one')
    const [thread] = user.conversationIds()
    // A PATH whose codex finds the file that clinvk has written with the id of another thread in it.
    const files = `$(grep -ls '"originator":"clinvk"' -r ${user.home}/.codex/sessions)`
    const script = `[ "$1" = exec ] && for file in ${files}; do sed -i '1s/"id":"[^"]*"/"id":"${thread}"/' $file; done`
    user.installProgram('codex', `${script}\nPATH=${user.env.PATH} exec codex "$@"`)
    const {error, exit_code: code} = await turn('fork', '@last', '--at', '1', 'two')
    assert.equal(code, 4)
    assert.match(error!.message, /^Codex did not resume the conversation \S+, it started/)
    assert.deepEqual(user.conversationIds(), [thread])
  })

  it('that forks lives as long as its fork, which points into its file', async () => {
    const {user} = codex
    const {session_id: parent = ''} = await turn('one')
    const {session_id: fork = ''} = await turn('fork', parent, 'two')
    const {session_id: second = ''} = await turn('fork', fork, 'three')
    await ends(user.clinvk(['sessions', 'delete', parent, '--agent']), {
      code: 4,
      stderr: RegExp(`could not read the forks (${short(second)}, ${short(fork)})`),
    })
    assert.equal(user.conversations().length, 3)
    assert.match((await turn('resume', second, 'and?')).content, /seen: \[one] \[two] \[three] \[and\?]$/)
    await ends(user.clinvk(['sessions', 'delete', second, '--agent']), {code: 0})
    assert.match((await turn('resume', fork, 'and?')).content, /seen: \[one] \[two] \[and\?]$/)
    await ends(user.clinvk(['sessions', 'delete', parent, '--agent', '--with-forks']), {code: 0})
    assert.deepEqual([user.conversations(), user.sessions()], [[], []])
  })
})

function short(id: string): string {
  return id.slice(0, 8)
}
