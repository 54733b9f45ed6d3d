import assert from 'node:assert/strict'
import {existsSync, readdirSync, readFileSync} from 'node:fs'
import {join, relative} from 'node:path'
import {result, withCodex} from '../support/codex-sandbox.js'

describe('an option of a turn, with the real codex,', () => {
  const codex = withCodex()

  it('--ephemeral keeps nothing, here or at codex', async () => {
    const {user} = codex
    const turn = result(await user.clinvk(['--ephemeral', 'quick question', '-o', 'json']))
    assert.equal(turn.content, 'You said: quick question | turns=1 | seen: [quick question]')
    assert.equal(turn.session_id, undefined)
    assert.deepEqual([user.sessions(), user.conversations()], [[], []])
  })

  for (const [what, prompt] of [
    ['replaces the system prompt', 'You are "Anna",\nand brief.'],
    ['may be longer than an argument of a program', 'Be brief. '.repeat(15_000).trim()],
  ] as const) {
    it(`--system-prompt ${what}`, async () => {
      const {server, user} = codex
      const rules = user.write(
        'config.yaml',
        `backends:\n  codex:\n    system_prompt: ${JSON.stringify(prompt)}\n`,
      )
      const {code} = await user.clinvk(['--config', rules, 'hello'])
      assert.equal(code, 0)
      const {system} = server.calls[0]!
      assert.ok(system.startsWith(prompt))
      assert.ok(!system.includes('You are Codex'))
      assert.deepEqual(
        readdirSync(user.env.TMPDIR!).filter((name) => name.startsWith('clinvk-')),
        [],
      )
    })
  }

  it("--model takes the names that mean the same everywhere, and the agent's own", async () => {
    const {server, user} = codex
    const fast = result(await user.clinvk(['-m', 'fast', 'hello', '-o', 'json']))
    assert.equal(server.calls[0]?.model, 'gpt-6-luna')
    assert.equal(fast.model, 'gpt-6-luna')
    assert.equal(user.session().model, fast.model)
    await user.clinvk(['-c', '-m', 'gpt-5.5', 'again'])
    assert.equal(user.session().model, 'gpt-5.5')
  })

  for (const [option, value] of [
    ['--max-turns', '1'],
    ['--allowed-tools', 'exec_command'],
  ] as const) {
    it(`${option} is refused, because codex has nothing like it`, async () => {
      const {server, user} = codex
      const {code, stderr} = await user.clinvk([option, value, 'hello'])
      assert.equal(code, 10)
      assert.equal(stderr, `Error: ${option} is refused: Codex cannot do that.\n`)
      assert.deepEqual([user.sessions(), server.calls], [[], []])
    })
  }

  it('--add-dir lets codex write there, wherever the user stands', async () => {
    const {server, user} = codex
    const shared = user.elsewhere()
    const path = join(shared, 'notes.txt')
    server.when('write', {tools: [{name: 'exec_command', input: {cmd: `echo noted > ${path}`}}]})
    const words = ['write', '--approval-mode', 'auto']
    await user.clinvk(words)
    assert.ok(!existsSync(path))
    const {code} = await user.clinvk(['-c', ...words, '--add-dir', relative(user.project, shared)])
    assert.equal(code, 0)
    assert.equal(readFileSync(path, 'utf8'), 'noted\n')
  })

  it('--extra reaches codex as it is, also when a session goes on', async () => {
    const {server, user} = codex
    const extra = '--extra=--config=developer_instructions="Be kind."'
    const {code} = await user.clinvk([extra, 'hello'])
    assert.equal(code, 0)
    assert.ok(server.calls[0]!.system.includes('Be kind.'))
    const again = await user.clinvk(['-c', extra, 'hello again'])
    assert.deepEqual([again.code, server.calls[1]!.prompts], [0, ['hello', 'hello again']])
  })

  it('--extra that clinvk sets itself is refused before anything happens', async () => {
    const {server, user} = codex
    for (const word of ['--json', '--cd=/', '-C/', '-sread-only', '--yolo', '--last', 'resume', '-']) {
      const config = user.write('config.yaml', `backends:\n  codex:\n    extra_flags: ["${word}"]\n`)
      const {code, stderr} = await user.clinvk(['--config', config, 'hello'])
      assert.equal(code, 10, word)
      assert.match(stderr, /^Error: --extra \S+ is refused: clinvk sets this .*\n {2}Use the flag of clinvk/)
    }

    assert.deepEqual([user.sessions(), server.calls], [[], []])
  })

  it('that codex does not know is its error, with what it says', async () => {
    const {user} = codex
    const {error, backend_exit_code: code} = result(
      await user.clinvk(['--extra=--full-auto', 'hello', '-o', 'json']),
    )
    assert.deepEqual([error?.kind, code], ['agent', 2])
    assert.match(error!.message, /unexpected argument '--full-auto' found/)
  })
})
