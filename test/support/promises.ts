import assert from 'node:assert/strict'
import type {TurnResult} from 'clinvk-kit/turn/result'
import {type AgentUser, result, withAgent} from './agent-user.js'
import {type Agent, AGENTS} from './agents.js'

type Real = ReturnType<typeof withAgent<AgentUser>>

interface Promised {
  readonly agent: Agent
  /** The agent itself, on a machine of its own for each test. */
  readonly real: Real
  /** The result of a turn with the flags that the agent always has. */
  readonly turn: (...words: string[]) => Promise<TurnResult>
}

/** Describes promises that hold for every agent, each proven on the real one. */
export function forEachAgent(describePromises: (promised: Promised) => void): void {
  for (const agent of AGENTS) {
    describe(agent.name, () => {
      const real = withAgent((url) => agent.create(url))
      const turn = async (...words: string[]) =>
        result(await real.user.clinvk([...words, ...agent.always, '-o', 'json']))
      describePromises({agent, real, turn})
    })
  }
}

/**
 * A promise that an agent keeps, or that is refused because it cannot. Then the reason is told, nothing has begun, and
 * the title says so, for `npm run promises`.
 */
export function keepsOrRefuses(
  agent: Agent,
  real: Real,
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
