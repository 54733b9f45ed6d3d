import assert from 'node:assert/strict'
import {existsSync} from 'node:fs'
import {join} from 'node:path'
import {CliUser} from '../support/cli-user.js'
import {linkPlugin} from '../support/link-plugin.js'
import {ends, json} from '../support/sandbox.js'

/** Three turns of one session in this process; in the second one, what the plugin was given for its output throws. */
const CODE = `
export default class {
  static id = 'turns'
  static async run(argv, config) {
    const kit = (await config.runHook('kit', {})).successes[0].result
    const {signal} = new AbortController()
    const ask = async (prompt, session, start = () => {}) => {
      const output = {needsContent: true, start, event() {}, notice() {}, done() {}}
      return kit.prompt({prompt, session, backend: 'echo'}, {output, stop: signal, hurry: signal})
    }
    const {session_id: reference} = await ask('first')
    const named = {kind: 'named', reference, tags: []}
    const message = await ask('second', named, () => { throw new Error('a bug') }).catch((error) => error.message)
    const {outcome} = await ask('third', named)
    console.log(JSON.stringify({message, outcome}))
  }
}`

describe('a turn in which a plugin fails', () => {
  const user = new CliUser().forEachTest()

  it('does not keep its session from the next one, although the process lives on', async () => {
    linkPlugin(user, 'clinvk-plugin-turns', {oclif: {commands: './commands'}}, {'commands/turns.js': CODE})
    const {message, outcome} = json(await user.clinvk(['turns']))
    assert.match(String(message), /a bug/)
    assert.equal(outcome, 'success')
  })
})

describe('a turn that fails', () => {
  const user = new CliUser({CLINVK_BACKEND: 'codex'}).forEachTest()

  it('because a signal comes before its agent runs does not start that, and keeps the prompt', async () => {
    user.installProgram('codex', 'touch "$HOME/ran"; cat >/dev/null; exit 1')
    user.interruptedBy = 'SIGTERM'
    const says = /^Cancelled before the agent was started\.\n {2}Codex has recorded nothing yet\. Start again/
    await ends(user.clinvk(['hello']), {code: 143, stdout: '', stderr: says})
    user.interruptedBy = undefined
    assert.equal(existsSync(join(user.home, 'ran')), false)
    const [session] = user.sessions()
    assert.deepEqual([session?.status, session?.initial_prompt], ['paused', 'hello'])
  })

  for (const [outcome, code, said] of [
    ['failed', 1, 'no luck'],
    ['session', 4, 'thread/resume failed: no such thread'],
    ['auth', 8, 'not logged in'],
    ['rate_limit', 9, 'quota exceeded'],
  ] as const)
    it(`with the outcome ${outcome} is exit ${code}, with the words of the agent, and kept with the session`, async () => {
      user.installProgram('codex', `cat >/dev/null; echo "${said}" >&2; exit 1`)
      const {stderr} = await ends(user.clinvk(['hello']), {code, stdout: ''})
      const [session] = user.sessions()
      const message = session?.error_message as string
      assert.ok(message.endsWith(said) && stderr.includes(`Error: ${message}\n`), stderr)
      assert.deepEqual([session?.status, session?.last_outcome], ['error', outcome])
    })
})
