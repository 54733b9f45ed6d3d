import assert from 'node:assert/strict'
import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {CliUser} from '../support/cli-user.js'
import {ends, ROOT} from '../support/sandbox.js'

describe('a session and its agent', () => {
  const user = new CliUser().forEachTest()
  let id: string
  beforeEach(async () => {
    await user.clinvk(['-b', 'echo', 'one'])
    id = user.sessions()[0]!.id as string
  })

  it('without a terminal, resume says how to give a prompt', async () => {
    for (const words of [
      ['resume', id],
      ['resume', '--last'],
      ['resume', id, '--timeout', '5m'],
    ]) {
      await ends(user.clinvk(words), {
        code: 1,
        stdout: '',
        stderr:
          'Error: There is no prompt, and no terminal to open the agent itself in.\n' +
          `  Try: clinvk resume ${id.slice(0, 8)} "continue with the tests"\n`,
      })
    }
  })

  it('delete --agent deletes nothing where the backend cannot forget, or is gone', async () => {
    const plain = join(ROOT, 'test/fixtures/plugins/backend-plain')
    assert.equal((await user.clinvk(['plugins', 'link', plain, '--yes'])).code, 0)
    const file = join(user.home, '.clinvk/sessions', `${id}.json`)
    for (const [backend, exit, message] of [
      ['plain', 10, 'The backend plain cannot delete what its agent keeps.'],
      ['nowhere', 2, 'Unknown backend "nowhere". Available: claude, codex, echo, gemini, opencode, plain.'],
    ] as const) {
      writeFileSync(file, readFileSync(file, 'utf8').replace(/"backend": "\w+"/, `"backend": "${backend}"`))
      const {stderr} = await ends(user.clinvk(['sessions', 'delete', id, '--agent']), {code: exit})
      assert.ok(stderr.startsWith(`Error: ${message}\n`), stderr)
      assert.match(stderr, /leave out --agent: then the record of the agent stays\./i)
      assert.equal(user.sessions().length, 1)
    }
  })
})
