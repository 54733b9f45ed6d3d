import assert from 'node:assert/strict'
import {result, withCodex} from '../../support/codex-sandbox.js'

describe('an option of a turn, with the real codex,', () => {
  const codex = withCodex()

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
