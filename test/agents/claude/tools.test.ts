import assert from 'node:assert/strict'
import {existsSync, readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {withClaude} from '../../support/claude-sandbox.js'

describe('a tool of claude', () => {
  const claude = withClaude()
  const path = () => join(claude.user.project, 'auth.go')
  /** Whoever asks for the edit is asked for a Write, again and again. */
  const wantsToWrite = (content = 'fixed') => {
    const write = {tools: [{name: 'Write', input: {file_path: path(), content}}]}
    claude.server.when(/fix|continue/, write, {text: 'As far as I could.'})
  }

  it('does not edit with --sandbox-mode read-only, and the notice says how to lift it', async () => {
    const {user} = claude
    wantsToWrite()
    const readOnly = await user.clinvk(['fix it', '--sandbox-mode', 'read-only'])
    assert.equal(readOnly.code, 0)
    assert.ok(!existsSync(path()))
    const [, command] = /^Resume with more permissions: clinvk (.*)$/m.exec(readOnly.stderr) ?? []
    assert.ok(command, readOnly.stderr)
    await user.clinvk(command.split(' '))
    assert.equal(readFileSync(path(), 'utf8'), 'fixed')
  })

  for (const command of ['mkdir made && echo "it\'s" > made/it', 'touch it*']) {
    it(`that is the command ${command} runs with what is printed when it was denied`, async () => {
      const {user} = claude
      const bash = {tools: [{name: 'Bash', input: {command}}]}
      claude.server.when(/^run|continue/, bash, {text: 'As far as I could.'})
      const {stderr} = await user.clinvk(['run it'])
      const [, printed] = /^Resume with more permissions: (.*)$/m.exec(stderr) ?? []
      assert.ok(printed, stderr)
      const env = {PATH: user.pathWithClinvk()}
      const typed = await user.run('sh', ['-c', printed], {env}).finished
      assert.deepEqual([typed.code, typed.stderr], [0, ''])
      assert.equal(readdirSync(user.project).length, 1)
    })
  }

  it('that is allowed once stays allowed, also where the next one is outside of the directory', async () => {
    const {user} = claude
    const notes = join(user.home, 'new/notes.txt')
    const write = (file: string) => ({name: 'Write', input: {file_path: file, content: 'noted'}})
    claude.server.when(/^fix|continue/, {tools: [write(path()), write(notes)]}, {text: 'Done.'})
    const {stderr} = await user.clinvk(['fix it', '--approval-mode', 'auto'])
    const [, flags] = /resume [\da-f]{8} (.*) continue\n$/.exec(stderr) ?? []
    assert.equal(flags, `--approval-mode auto --allowed-tools 'Edit(/${notes})'`)
    await user.clinvk(['-c', '--approval-mode', 'auto', '--allowed-tools', `Edit(/${notes})`, 'continue'])
    assert.equal(readFileSync(notes, 'utf8'), 'noted')
  })

  it('that claude forbids in every mode is named without a command that would not help', async () => {
    const {user} = claude
    const hook = join(user.project, '.git/hooks/pre-commit')
    const write = {tools: [{name: 'Write', input: {file_path: hook, content: 'make'}}]}
    claude.server.when('hook', write, {text: 'As far as I could.'})
    const {code, stderr} = await user.clinvk(['add a hook', '--approval-mode', 'auto'])
    assert.deepEqual([code, stderr], [0, `claude was not allowed to use:\n  Write ${hook}\n`])
  })

  it('that claude ends in the background, because the answer is complete, is named', async () => {
    const input = {command: 'sleep 60', description: 'wait a minute', run_in_background: true}
    claude.server.when('in the background', {tools: [{name: 'Bash', input}]}, {text: 'It runs.'})
    const {code, stderr, stdout} = await claude.user.clinvk([
      'wait in the background',
      '--allowed-tools',
      'Bash',
    ])
    assert.deepEqual([code, stdout], [0, 'It runs.\n'])
    assert.match(stderr, /^Note: Claude Code ended a command in the background: wait a minute\n/)
  })

  it('runs in the background without losing what claude says at its end', async () => {
    const {server, user} = claude
    const input = {command: 'sleep 1; echo ended', run_in_background: true}
    server.when('later', {tools: [{name: 'Bash', input}]}, {text: 'I wait.'}, {text: 'It has ended.'})
    const {code, stdout} = await user.clinvk(['later', '--allowed-tools', 'Bash'])
    assert.deepEqual([code, stdout], [0, 'I wait.\n\nIt has ended.\n'])
  })
})
