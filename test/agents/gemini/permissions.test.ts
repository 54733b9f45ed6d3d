import assert from 'node:assert/strict'
import {existsSync, readdirSync} from 'node:fs'
import {join} from 'node:path'
import {withGemini} from '../../support/gemini-sandbox.js'

/** What else gemini may do: `test/agents/promises/permissions.test.ts`. */
describe('what gemini may do', () => {
  const gemini = withGemini()
  const call = (name: string, input: object) => ({tools: [{name, input}]})
  const write = (name: string) =>
    call('write_file', {file_path: name, content: 'A text that is long enough.'})
  const touch = (name: string) => call('run_shell_command', {command: `touch ${name}`})

  it('is not to edit with --approval-mode none, although its settings allow that', async () => {
    const {server, user} = gemini
    user.allowEdits()
    server.when('work', write('edited'), {text: 'As far as I could.'})
    await user.clinvk(['--approval-mode', 'none', ...WORK])
    assert.deepEqual(readdirSync(user.project), [])
  })

  for (const words of ['--approval-mode auto', '--sandbox-mode read-only']) {
    it(`is not more after a plan, with ${words}`, async () => {
      const {server, user} = gemini
      server.when(
        'work',
        call('enter_plan_mode', {reason: 'to get out of it'}),
        write('plan.md'),
        call('exit_plan_mode', {plan_filename: 'plan.md'}),
        touch('touched'),
        {text: 'As far as I could.'},
      )
      await user.clinvk([...words.split(' '), ...WORK])
      assert.ok(!existsSync(join(user.project, 'touched')))
      const results = server.calls.at(-1)!.turns.flatMap(({toolResults}) => toolResults)
      assert.deepEqual([results[0]?.isError, results[2]?.isError], [true, true])
    })
  }

  it('is not more with --sandbox-mode read-only where the settings allow tools and have no plan mode', async () => {
    const {server, user} = gemini
    const tools = {allowed: ['run_shell_command', 'write_file']}
    user.configure({more: {tools, general: {plan: {enabled: false}, maxAttempts: 1}}})
    server.when('work', write('edited'), touch('touched'), {text: 'As far as I could.'})
    await user.clinvk(['--sandbox-mode', 'read-only', ...WORK])
    assert.deepEqual(readdirSync(user.project), [])
  })

  it('is refused with --sandbox-mode read-only --allowed-tools, before anything is written', async () => {
    const {server, user} = gemini
    const words = ['--sandbox-mode', 'read-only', '--allowed-tools', 'glob', 'hello']
    const {code, stderr, stdout} = await user.clinvk(words)
    assert.deepEqual([code, stdout], [10, ''])
    assert.match(stderr, /the other forbids every change\.\n {2}Leave out one of the two\.\n$/)
    assert.deepEqual([user.sessions(), user.conversations(), server.calls], [[], [], []])
  })
})

const WORK = ['work', '-m', 'fast', '-o', 'json']
