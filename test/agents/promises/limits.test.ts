import assert from 'node:assert/strict'
import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {result, withEveryAgent} from '../../support/agent-user.js'
import {type Agent, AGENTS, smokeOf} from '../../support/agents.js'
import {forEachAgent} from '../../support/promises.js'
import type {ErrorReply} from '../../support/model-server/index.js'
import {each} from '../../support/sandbox.js'

/** How the server of each tells that a limit ends in these seconds, as its agent reads it. */
const LIMITS: Record<string, (seconds: number) => ErrorReply> = {
  // With a subscription, as which the tests sign in: `rate_limit_event`, and the text has the minute.
  claude: (seconds) => ({
    status: 429,
    headers: {
      'anthropic-ratelimit-unified-status': 'rejected',
      'anthropic-ratelimit-unified-reset': String(epoch(seconds)),
      'anthropic-ratelimit-unified-representative-claim': 'five_hour',
    },
  }),
  // The text has the minute, the rollout the second.
  codex: (seconds) => ({
    status: 429,
    error: {type: 'usage_limit_reached', plan_type: 'plus', resets_at: epoch(seconds)},
    headers: {
      'x-codex-primary-used-percent': '100',
      'x-codex-primary-window-minutes': '300',
      'x-codex-primary-reset-at': String(epoch(seconds)),
    },
  }),
  gemini: (seconds) => ({
    status: 429,
    message: `You exceeded your current quota.\nPlease retry in ${seconds}.5s.`,
  }),
  opencode: (seconds) => ({
    status: 429,
    message: 'Rate limit reached for requests.',
    headers: {'retry-after': String(seconds)},
  }),
}
const epoch = (seconds: number) => Math.ceil(Date.now() / 1000) + seconds

describe('a rate limit', function () {
  // Agents start several times, opencode slowly.
  this.timeout(240_000)
  forEachAgent(({agent, real}) => {
    beforeEach(() => {
      real.user.setRetries('none')
      if (agent.name !== 'claude') return
      Reflect.deleteProperty(real.user.env, 'ANTHROPIC_API_KEY')
      real.user.env.CLAUDE_CODE_OAUTH_TOKEN = 'sk-ant-oat01-invented'
    })
    // Gemini asks another model once more.
    const failTimes = agent.name === 'gemini' ? 2 : 1
    const ask = async (...words: string[]) => {
      const {code, stderr, ...finished} = await real.user.clinvk([...words, ...agent.always, '-o', 'json'])
      return {...result({code, stderr, ...finished}), stderr}
    }

    it(`is waited for until the agent says that it ends, and the same prompt answered once${smokeOf(agent, 'codex')}`, async () => {
      const {server, user} = real
      server.when('hello', {...LIMITS[agent.name]!(6), failTimes})
      const {attempts, content, stderr} = await ask('hello', '--wait-for-reset', '5m')
      assert.deepEqual(each(attempts!, 'outcome'), ['rate_limit', 'success'], stderr)
      assert.match(content, /seen: \[hello\]$/)
      assert.match(stderr, /^Note: Waiting \d+\.\ds until the limit of .* ends: /m)
      const ends = Date.parse(attempts![0]!.resets_at!)
      assert.ok(Math.abs(ends - Date.now()) < 120_000, attempts![0]!.resets_at)
      assert.match((await ask('resume', user.session().id, 'and?')).content, /seen: \[hello\] \[and\?\]$/)
    })

    it('after a tool has run is waited for, and the same conversation continues; the tool has run once', async () => {
      const {server, user} = real
      server.when('The turn before was stopped', {text: 'All is done.'})
      server.when(
        'work',
        {text: 'I begin.', tools: [agent.newFile(join(user.project, 'new.txt'), 'x')]},
        {...LIMITS[agent.name]!(3), failTimes},
      )
      const {content, stderr} = await ask('do the work', ...agent.allowEdit, '--wait-for-reset', '5m')
      assert.match(content, /^I begin\.\s+All is done\.$/, stderr)
      assert.match(server.calls.at(-1)!.prompts.join(' | '), /^do the work \| The turn before was stopped/)
      assert.equal(readFileSync(join(user.project, 'new.txt'), 'utf8').trim(), 'x')
      assert.equal(server.calls.at(-1)!.turns.flatMap(({toolCalls}) => toolCalls).length, 1)
      assert.equal(user.sessions().length, 1)
    })

    it('of which the end is later than MAX is exit 9 at once', async () => {
      real.server.otherwise(LIMITS[agent.name]!(3000))
      const {attempts, error, exit_code: code} = await ask('hello', '--wait-for-reset', '5m')
      assert.deepEqual([code, attempts?.length], [9, 1])
      assert.match(error!.hints![0]!, /^That is later than --wait-for-reset 5m 00s allows/)
    })
  })

  const machine = withEveryAgent()
  it('after which another agent takes over carries what was done into it @smoke', async () => {
    const {server, user} = machine
    const [claude, codex] = AGENTS as [Agent, Agent]
    user.env.CLAUDE_CODE_MAX_RETRIES = '0'
    server.when(
      'do the work',
      {text: 'I begin.', tools: [claude.readFile(user.write('project/plan.txt', 'plum'))]},
      LIMITS.claude!(3000),
    )
    server.when('The turn before was stopped', {text: 'All is done.'})
    const {stderr, ...finished} = await user.clinvk(
      '-b claude "do the work" --fallback gemini,codex --max-turns 3 --json',
    )
    assert.match(stderr, /^Error: --fallback gemini: --max-turns is refused/)
    assert.equal(finished.code, 10)
    const words = ['-b', 'claude', 'do the work', '--fallback', 'codex', '--json']
    const {attempts, backend, content} = result(await user.clinvk(words))
    assert.deepEqual([backend, content, attempts?.length], [codex.name, 'I begin.\n\nAll is done.', 2])
    assert.match(
      JSON.stringify(server.calls.at(-1)!.turns),
      /do the work.*Used the tool Read.*plum.*The turn before was stopped/,
    )
  })
})
