import assert from 'node:assert/strict'
import {chmodSync, copyFileSync} from 'node:fs'
import {join} from 'node:path'
import {readBackendPackage} from 'clinvk-conformance/backend-package'
import {LIVE_CHECKS} from 'clinvk-conformance/live/checks'
import {testLive} from 'clinvk-conformance/live/test-live'
import {UserOfAgents} from '../support/agent-user.js'
import {GOOD, GOOD_AGENT} from '../support/broken-backends.js'

/** The level at which the real agent runs. */
describe('backends test --live', () => {
  let user: UserOfAgents
  const {PATH} = process.env
  before(() => {
    user = new UserOfAgents()
    const agent = join(user.directory('bin'), 'good-agent')
    copyFileSync(GOOD_AGENT, agent)
    chmodSync(agent, 0o755)
    user.write('bin/package.json', '{"type": "module"}')
    process.env.PATH = `${user.directory('bin')}:${PATH}`
  })
  after(() => {
    process.env.PATH = PATH
    user.remove()
  })

  for (const [agent, flaws, found] of [
    ['a good agent', '', []],
    // Without an answer it does not remember either.
    [
      'an agent that does not answer, and keeps nothing when it is stopped',
      'mute loses',
      ['live-answers', 'live-resume', 'live-cancel'],
    ],
    [
      'an agent with all other flaws',
      'uncounted forgets keeps writes',
      ['live-usage', 'live-resume', 'live-ephemeral', 'live-read-only'],
    ],
  ] as const)
    it(`finds what is wrong with ${agent}`, async () => {
      const stop = new AbortController().signal
      const results = await testLive(await readBackendPackage(GOOD), 'good', {env: {FLAWS: flaws}, stop})
      assert.deepEqual(
        results.map(({id, state}) => [id, state]),
        LIVE_CHECKS.map(({id}) => [id, (found as readonly string[]).includes(id) ? 'failed' : 'ok']),
      )
    })
})
