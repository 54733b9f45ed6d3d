import assert from 'node:assert/strict'
import {existsSync, readdirSync} from 'node:fs'
import {join} from 'node:path'
import {result, withGemini} from '../support/gemini-sandbox.js'

describe('what gemini may do', () => {
  const gemini = withGemini()
  const call = (name: string, input: object) => ({tools: [{name, input}]})
  const write = (name: string) =>
    call('write_file', {file_path: name, content: 'A text that is long enough.'})
  const touch = (name: string) => call('run_shell_command', {command: `touch ${name}`})

  for (const [words, made, denied] of [
    ['', [], ['write_file', 'run_shell_command']],
    ['--approval-mode none', [], ['write_file', 'run_shell_command']],
    ['--approval-mode auto', ['edited'], ['run_shell_command']],
    ['--sandbox-mode read-only', [], ['write_file', 'run_shell_command']],
    ['--sandbox-mode full', ['edited', 'touched'], []],
  ] as const) {
    it(`with ${words || 'no option'} is ${made.join(' and ') || 'to change nothing'}`, async () => {
      const {server, user} = gemini
      server.when('work', write('edited'), touch('touched'), {text: 'As far as I could.'})
      const {content, denials} = result(await user.clinvk([...words.split(' ').filter(Boolean), ...WORK]))
      assert.equal(content, 'As far as I could.')
      assert.deepEqual(readdirSync(user.project).sort(), [...made].sort())
      assert.deepEqual(
        denials.map(({tool}) => tool),
        denied,
      )
    })
  }

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

  for (const [words, message, instead] of [
    ['--approval-mode always', /nobody is there to be asked/, /Use `clinvk resume` without a prompt/],
    [
      '--sandbox-mode workspace',
      /Gemini CLI has nothing that does this/,
      /knows --sandbox-mode default, read-only, full\./,
    ],
    ['--approval-mode auto --sandbox-mode read-only', /the other forbids it/, /Leave out one of the two\./],
    ['--sandbox-mode read-only --allowed-tools glob', /forbids every change/, /Leave out one of the two\./],
  ] as const) {
    it(`is refused with ${words}, before anything is written`, async () => {
      const {server, user} = gemini
      const {code, stderr, stdout} = await user.clinvk([...words.split(' '), 'hello'])
      assert.deepEqual([code, stdout], [10, ''])
      const [error, hint] = stderr.split('\n')
      assert.match(error!, message)
      assert.match(hint!, instead)
      assert.deepEqual([user.sessions(), user.conversations(), server.calls], [[], [], []])
    })
  }
})

const WORK = ['work', '-m', 'fast', '-o', 'json']
