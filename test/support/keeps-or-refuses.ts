import assert from 'node:assert/strict'
import type {AgentUser, withAgent} from './agent-user.js'
import type {Agent} from './agents.js'

/**
 * A promise that an agent keeps, or that is refused because it cannot. Then the reason is told, nothing has begun, and
 * the title says so, for `npm run promises`.
 */
export function keepsOrRefuses(
  agent: Agent,
  real: ReturnType<typeof withAgent<AgentUser>>,
  title: string,
  refused: {option: string; words: readonly string[]; stdin?: string; instead?: RegExp},
  keeps: () => Promise<void>,
): void {
  const {instead = /^/, option, stdin, words} = refused
  const reason = agent.refuses[option]
  if (reason === undefined) {
    it(title, keeps)
    return
  }

  it(`${title} (refused: ${reason})`, async () => {
    const {server, user} = real
    const {code, stderr, stdout} = await user.clinvk(words, {stdin})
    assert.deepEqual([code, stdout], [10, ''])
    const [error, hint] = stderr.split('\n')
    assert.equal(error, `Error: ${option} is refused: ${reason}.`)
    assert.match(hint!, instead)
    assert.deepEqual([user.sessions(), user.conversations(), server.calls], [[], [], []])
  })
}
