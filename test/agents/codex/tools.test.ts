import assert from 'node:assert/strict'
import {existsSync, mkdirSync, readdirSync} from 'node:fs'
import {join} from 'node:path'
import {result, withCodex} from '../../support/codex-sandbox.js'
import {jsonLines} from '../../support/sandbox.js'

describe('a tool of codex', () => {
  const codex = withCodex()
  const patch = (...lines: string[]) => ({
    name: 'apply_patch',
    input: ['*** Begin Patch', ...lines, '*** End Patch', ''].join('\n'),
  })
  const run = (command: string) => ({name: 'exec_command', input: {cmd: command}})
  const FIX = patch('*** Update File: auth.txt', '@@', '-broken', '+fixed')

  it('that is denied is named in JSON, and what merely failed is not', async () => {
    const {server, user} = codex
    const elsewhere = user.elsewhere()
    const add = patch(`*** Add File: ${elsewhere}/notes.txt`, '+noted')
    const commands = [run(`touch ${elsewhere}/a`), run('ls nothing'), run('exit 3')]
    server.when('try', {tools: [add, ...commands]}, {text: 'As far as I could.'})
    const {denials} = result(await user.clinvk(['try', '--sandbox-mode', 'workspace', '-o', 'json']))
    assert.deepEqual(denials, [
      {
        tool: 'apply_patch',
        target: `${elsewhere}/notes.txt`,
        allow: ['--sandbox-mode', 'workspace', '--add-dir', elsewhere],
      },
      {tool: 'exec_command', target: `touch ${elsewhere}/a`, allow: ['--sandbox-mode', 'full']},
    ])
  })

  it('that is denied is named also when nothing is kept', async () => {
    const {server, user} = codex
    server.when('fix', {tools: [FIX]}, {text: 'As far as I could.'})
    user.write('project/auth.txt', 'broken\n')
    const {denials} = result(await user.clinvk(['fix it', '--ephemeral', '-o', 'json']))
    assert.deepEqual(denials, [{tool: 'apply_patch', allow: ['--sandbox-mode', 'workspace']}])
  })

  it('that a newer model uses by a script is told, allowed or denied', async () => {
    const {server, user} = codex
    const script = [
      `const {output} = await tools.exec_command({cmd: 'touch ${user.elsewhere()}/a'})`,
      'text(output)',
      'await tools.apply_patch(`*** Begin Patch\n*** Add File: b.txt\n+b\n*** End Patch\n`)',
    ].join('\n')
    server.when(/^try|continue/, {tools: [{name: 'exec', input: script}]}, {text: 'As far as I could.'})
    const words = ['-m', 'balanced', '-o', 'json', '--sandbox-mode']
    const denied = result(await user.clinvk(['try', ...words, 'read-only']))
    const allow = ['--sandbox-mode', 'workspace']
    assert.deepEqual(denied.denials, [
      {tool: 'apply_patch', allow},
      {tool: 'exec_command', allow},
    ])
    const allowed = result(await user.clinvk(['-c', 'continue', ...words, 'workspace']))
    assert.ok(existsSync(join(user.project, 'b.txt')))
    assert.deepEqual(allowed.denials, [{tool: 'exec_command', allow: ['--sandbox-mode', 'full']}])
  })

  it('that fails is told as failed', async () => {
    const {server, user} = codex
    server.when('fail', {tools: [run('echo oops >&2; exit 3')]}, {text: 'It failed.'})
    const events = jsonLines(await user.clinvk(['fail', '-o', 'stream-json']))
    const [output] = events.filter(({type}) => type === 'tool_result')
    assert.deepEqual([output!.output, output!.is_error], ['oops\n', true])
  })

  it('that runs in the background at the end is ended, and leaves nothing', async () => {
    const {server, user} = codex
    const input = {cmd: 'tail -f /dev/null', yield_time_ms: 250}
    server.when('begin', {tools: [{name: 'exec_command', input}]}, {text: 'It runs.'})
    const {code, stderr, stdout} = await user.clinvk(['begin', '--sandbox-mode', 'workspace'])
    assert.deepEqual([code, stdout, stderr], [0, 'It runs.\n', ''])
    assert.deepEqual([user.processes(), readdirSync(user.project)], [[], []])
    const {content} = result(await user.clinvk(['-c', 'go on', '-o', 'json']))
    assert.match(content, /seen: \[begin] \[go on]$/)
  })

  it('works in a project that has directories which codex guards', async () => {
    const {server, user} = codex
    mkdirSync(join(user.project, '.git'))
    user.write('project/auth.txt', 'broken\n')
    server.when('fix', {tools: [FIX, run('touch made')]}, {text: 'Done.'})
    const events = jsonLines(
      await user.clinvk(['fix it', '--sandbox-mode', 'workspace', '-o', 'stream-json']),
    )
    const outputs = events.flatMap(({output, type}) => (type === 'tool_result' ? [output] : []))
    assert.deepEqual(outputs.sort(), ['', `update ${join(user.project, 'auth.txt')}`])
    assert.deepEqual(readdirSync(user.project).sort(), ['.git', 'auth.txt', 'made'])
  })
})
