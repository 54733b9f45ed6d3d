import assert from 'node:assert/strict'
import {CliUser} from '../support/cli-user.js'
import {storeSession} from '../support/stored-session.js'
import {ends} from '../support/sandbox.js'

/** `clinvk resume ID` without a prompt opens the agent's own program; test/system has what is seen then. */
describe('resume without a prompt, on a terminal', () => {
  const user = new CliUser({PATH: '/nowhere'})
  before(() => {
    for (const [id, backend] of [
      ['abc1', 'claude'],
      ['def2', 'echo'],
    ] as const)
      storeSession(user, id, {backend, backend_session_id: 'x', last_outcome: 'success'})
  })
  after(() => user.remove())

  const cases: [words: string[], code: number, says: RegExp][] = [
    [['abc1', '--timeout', '5m'], 1, needsPrompt('--timeout …')],
    [['abc1', '-o', 'json'], 1, needsPrompt('--output-format …')],
    [['abc1', '--dry-run'], 1, needsPrompt('--dry-run')],
    [['abc1', '--sandbox-mode', 'full'], 1, needsPrompt('--sandbox-mode …')],
    [['def2'], 10, /^Error: Echo cannot be opened on a session: .*\n {2}Give a/],
    [['abc1'], 2, /^Error: Claude Code is not installed: there is no claude in PATH\./],
  ]
  for (const [words, code, says] of cases) {
    it(`is refused: clinvk resume ${words.join(' ')}`, async () => {
      const finished = await ends(user.clinvk(['resume', ...words], {onTerminal: true}), {code})
      assert.match(finished.stdout + finished.stderr, says)
      assert.equal(
        user.sessions().some(({running}) => running),
        false,
      )
    })
  }
})

function needsPrompt(flag: string): RegExp {
  const [name] = flag.split(' ')
  return new RegExp(`${name!} needs a prompt: [^]*Try: clinvk resume abc10000 ${flag} "continue`)
}
