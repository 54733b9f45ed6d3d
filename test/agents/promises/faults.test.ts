import assert from 'node:assert/strict'
import {localTime} from 'clinvk-kit/format/time'
import {result} from '../../support/agent-user.js'
import {startModelServer} from '../../support/model-server/index.js'
import {forEachAgent} from '../../support/promises.js'
import type {RunOptions} from '../../support/sandbox.js'
import {ends} from '../../support/sandbox.js'

describe('a turn that fails', () => {
  forEachAgent(({agent, real}) => {
    const SIGN_IN = new RegExp(`^Run \`${agent.name}.*, or set (?:.* )?\\w+_API_KEY\\.$`)
    /** Runs a turn that fails: the same is told in JSON and to people, once, and kept with the session. */
    const failure = async (words: readonly string[] = [], options: RunOptions = {}) => {
      const {user} = real
      const finished = await user.clinvk(['hello', ...agent.always, ...words, '-o', 'json'], options)
      const {stderr} = finished
      const {content, error, exit_code: code, outcome} = result(finished)
      assert.equal(content, '')
      const {hints = [], kind, message, resets_at: resets} = error!
      const limit = resets === undefined ? [] : [`The limit ends at ${localTime(resets)}.`]
      const told = [`Error: ${message}`, ...[...limit, ...hints].map((hint) => `  ${hint}`), ''].join('\n')
      assert.ok(stderr.endsWith(told), stderr)
      const before = stderr.slice(0, -told.length)
      assert.match(before, /^(?:Note: .*\n)*$/)
      assert.doesNotMatch(told, /^ +at /m)
      const [session] = user.sessions()
      assert.equal(session?.error_message, session && message)
      assert.deepEqual(user.processes(), [])
      return {code, hints, kind, message, outcome, status: session?.status}
    }

    it('because its key is refused (401) is exit 8 at once, with how to sign in @smoke', async () => {
      const {server, user} = real
      user.setRetries('its own')
      server.otherwise({status: 401})
      const {code, hints, kind, outcome, status} = await failure()
      assert.deepEqual([code, kind, outcome, status], [8, 'auth', 'auth', 'error'])
      assert.match(hints[0]!, SIGN_IN)
      assert.ok(server.calls.length <= 2)
    })

    it('because of too many requests (429) is exit 9', async () => {
      const {server, user} = real
      user.setRetries('none')
      server.otherwise({status: 429, headers: {'retry-after': '60'}})
      const {code, kind, outcome, status} = await failure()
      assert.deepEqual([code, kind, outcome, status], [9, 'rate_limit', 'rate_limit', 'error'])
    })

    it('because of an error of the server (500) is exit 1, and the session is resumed', async () => {
      const {server, user} = real
      user.setRetries('none')
      server.otherwise({status: 500})
      const {code, kind, outcome, status} = await failure()
      assert.deepEqual([code, kind, outcome, status], [1, 'agent', 'failed', 'error'])
      server.reset()
      await user.clinvk(['-c', 'go on', ...agent.always])
      const {content} = result(await user.clinvk(['-c', 'further', ...agent.always, '-o', 'json']))
      // Gemini takes a prompt back that it has no answer to.
      assert.match(content, /seen: (?:\[hello] )?\[go on] \[further]$/)
      const {backend_session_id: id, status: then} = user.session()
      assert.deepEqual([user.conversationIds(), then], [[id], 'active'])
    })

    it('because nobody answers at the address says so, and ends', async () => {
      const closed = await startModelServer()
      await closed.close()
      const user = agent.create(closed.url)
      try {
        user.setRetries('none')
        // Codex would wait for ever.
        await ends(user.clinvk(['hello', ...agent.always, '--idle-timeout', agent.patience]), {
          code: agent.unreachable.code,
          stdout: '',
          stderr: agent.unreachable.says,
        })
        assert.equal(user.session().last_outcome, agent.unreachable.outcome)
        assert.deepEqual(user.processes(), [])
      } finally {
        user.remove()
      }
    })

    it('because the model is silent is exit 6 after --idle-timeout, and the session is kept', async () => {
      const {server} = real
      server.otherwise({hang: 'headers'})
      const {code, hints, kind, message, outcome, status} = await failure(['--idle-timeout', agent.patience])
      assert.deepEqual([code, kind, outcome, status], [6, 'idle_timeout', 'timeout', 'paused'])
      assert.equal(message, `${agent.title} made no progress for ${agent.patience.replace('s', '.0s')}.`)
      assert.match(hints[0]!, /^The session is kept\. Resume it: clinvk resume [\da-f]{8} "continue"$/)
      assert.equal(server.calls.length, 1)
    })

    it('because there is no key is exit 8, with how to sign in', async () => {
      const {code, hints, kind, outcome, status} = await failure([], {env: {[agent.key]: undefined}})
      assert.deepEqual([code, kind, outcome, status], [8, 'auth', 'auth', 'error'])
      assert.match(hints[0]!, SIGN_IN)
      assert.deepEqual(real.server.calls, [])
    })

    it('because the agent is not installed is exit 2, with how to install it', async () => {
      const {user} = real
      const {code, hints, kind, message} = await failure([], {env: {PATH: user.directory('empty')}})
      assert.deepEqual([code, kind], [2, 'unavailable'])
      assert.equal(message, `${agent.title} is not installed: there is no ${agent.name} in PATH.`)
      const how = hints.find((hint) => hint.startsWith(`Install ${agent.title}: `))
      assert.match(how!, /: npm install -g \S+$/)
      assert.deepEqual(user.sessions(), [])
    })

    it('for a moment (500) continues by itself: the user sees the retry and gets the answer', async () => {
      const {server, user} = real
      user.setRetries('its own')
      server.when('busy', {...agent.passing, then: {text: 'at last'}})
      const {code, stderr, stdout} = await user.clinvk(['busy', ...agent.always])
      assert.deepEqual([code, stdout], [0, 'at last\n'])
      assert.match(stderr, new RegExp(`^Note: ${agent.name} tries again [^\n]+\n$`))
    })
  })
})
