import assert from 'node:assert/strict'
import {existsSync, readdirSync} from 'node:fs'
import {join} from 'node:path'
import {schemaFor} from 'clinvk-kit/settings/schema'
import {namedSettings} from 'clinvk-kit/settings/setting'
import {CliUser} from '../../support/cli-user.js'
import {filesIn} from '../../support/files-in.js'
import {linkKeeperAgent, stop} from '../../support/keeper-agent.js'
import {ends} from '../../support/sandbox.js'
import {scenes} from '../../support/scenes.js'

/** Each setting does what the reference page says, in a new session, with `-c` and with `resume`. */
describe('the effect of the setting', () => {
  const user = new CliUser().forEachTest()

  const configure = (yaml: string) => user.write('.clinvk/config.yaml', yaml)

  const effects: Record<string, () => Promise<void>> = {
    async 'history.archive'() {
      linkKeeperAgent(user)
      const archive = join(user.home, '.clinvk/archive/keeper')
      configure('history: {archive: off}\n')
      await user.clinvk(['-b', 'keeper', 'x y'])
      assert.equal(existsSync(archive), false)
      configure('history: {archive: sessions}\n')
      await user.clinvk(['-b', 'keeper', 'x y'])
      assert.equal(readdirSync(archive).length, 1)
    },

    async 'history.max_size'() {
      linkKeeperAgent(user)
      configure('history: {max_size: 1 GB}\n')
      await ends(user.clinvk(['config', 'validate']), {code: 3, stderr: /a size such as 5 GiB/})
      configure('history: {max_size: 0.001 KiB}\n')
      await user.clinvk(['-b', 'keeper', 'x y'])
      assert.equal(existsSync(join(user.home, '.clinvk/archive/keeper')), false)
    },

    async 'handoff.max_tokens'() {
      linkKeeperAgent(user)
      linkKeeperAgent(user, 'scribe')
      configure('handoff: {max_tokens: 10}\n')
      for (const words of ['-b keeper "x y"', '-c "and z"']) await user.clinvk(words)
      await ends(user.clinvk(['fork', '@last', '-b', 'scribe', 'on']), {stderr: /Carried 2 of 4 messages/})
    },

    async 'unified_flags.wait_for_reset'() {
      linkKeeperAgent(user)
      configure('unified_flags: {wait_for_reset: soon}\n')
      await ends(user.clinvk(['config', 'validate']), {code: 3, stderr: /a duration such as 20m or 6h/})
      configure('unified_flags: {wait_for_reset: 1m}\n')
      const words = ['-b', 'keeper', 'x y']
      for (const [more, code] of [
        [[], 0],
        [['--wait-for-reset', '0'], 9],
      ] as const) {
        stop(user, 'keeper', {outcome: 'rate_limit', resetsInMs: 100})
        assert.equal((await user.clinvk([...words, ...more])).code, code)
      }
    },

    async 'session.store_transcripts'() {
      configure('session: {store_transcripts: false}\ndefault_backend: echo\n')
      await user.clinvk(['x y'])
      assert.deepEqual(
        filesIn(user.home).filter((path) => path.includes('transcripts')),
        [],
      )
      configure('default_backend: echo\n')
      await user.clinvk(['-c', 'x y'])
      assert.equal(filesIn(user.home).filter((path) => path.includes('transcripts')).length, 1)
    },
  }

  const told = scenes(user, 'effects')
  for (const [key, effect] of Object.entries(effects)) it(key, effect)

  it('has a test, whichever it is', () => {
    const echo = {descriptor: {options: {delay: {type: 'integer', description: ''} as const}}}
    const keys = namedSettings(schemaFor(new Map([['echo', echo]]))).map(({path}) => path.join('.'))
    assert.deepEqual(keys.sort(), [...told, ...Object.keys(effects), ...ELSEWHERE].sort())
  })
})

/** In parallel.test.ts and worktrees.test.ts. */
const ELSEWHERE = [
  ...['max_workers', 'fail_fast', 'aggregate_output'].map((key) => `parallel.${key}`),
  ...['root', 'setup'].map((key) => `worktree.${key}`),
]
