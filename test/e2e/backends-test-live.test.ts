import assert from 'node:assert/strict'
import {chmodSync, copyFileSync} from 'node:fs'
import {join} from 'node:path'
import {readBackendPackage} from 'clinvk-conformance/backend-package'
import {LIVE_CHECKS} from 'clinvk-conformance/live/checks'
import {testLive} from 'clinvk-conformance/live/test-live'
import {GOOD} from '../support/conformance/broken.js'
import {UserOfAgents} from '../support/agent-user.js'

/** The level at which the real agent runs. */
describe('backends test --live', () => {
  /** An agent that has this flaw, and the check that finds it. */
  const FLAWS: Readonly<Record<string, string>> = {
    'live-answers': 'mute',
    'live-usage': 'uncounted',
    'live-resume': 'forgets',
    'live-ephemeral': 'keeps',
    'live-read-only': 'writes',
    'live-cancel': 'loses',
  }

  let user: UserOfAgents
  const {PATH} = process.env
  before(() => {
    user = new UserOfAgents()
    const agent = join(user.directory('bin'), 'good-agent')
    copyFileSync(join(import.meta.dirname, '../support/conformance/good-agent.js'), agent)
    chmodSync(agent, 0o755)
    user.write('bin/package.json', '{"type": "module"}')
    process.env.PATH = `${user.directory('bin')}:${PATH}`
  })
  after(() => {
    process.env.PATH = PATH
    user.remove()
  })

  const failing = async (env: Record<string, string>) => {
    const pack = await readBackendPackage(GOOD)
    const results = await testLive(pack, 'good', {env, stop: new AbortController().signal})
    assert.equal(results.length, LIVE_CHECKS.length)
    assert.deepEqual(
      results.filter(({state}) => state === 'not_applicable'),
      [],
    )
    return results.filter(({state}) => state === 'failed').map(({id}) => id)
  }

  it('finds nothing wrong with a good agent', async () => {
    assert.deepEqual(await failing({}), [])
  })

  it('has a broken agent for each check', () => {
    assert.deepEqual(
      Object.keys(FLAWS),
      LIVE_CHECKS.map(({id}) => id),
    )
  })

  for (const [id, flaw] of Object.entries(FLAWS)) {
    it(`${id}: finds an agent that is broken (${flaw})`, async () => {
      const found = await failing({FLAW: flaw})
      // Who says nothing does not remember either.
      const also = flaw === 'mute' ? ['live-resume'] : []
      assert.deepEqual(found, [id, ...also])
    })
  }
})
