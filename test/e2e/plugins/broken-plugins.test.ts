import assert from 'node:assert/strict'
import {linkBackendPlugin, linkPlugin} from '../../support/link-plugin.js'
import {each, ends, json, jsonLines, Sandbox} from '../../support/sandbox.js'

/** What only a process of its own shows. All else: cli/plugins/broken-plugins. */
describe('broken plugins', () => {
  const user = new Sandbox({CLINVK_BACKEND: 'echo'}).forEachTest()

  it('that hang in a hook of oclif end the command with exit 2, and are named', async () => {
    linkPlugin(
      user,
      'hanger',
      {oclif: {hooks: {init: './init.js'}}},
      {'init.js': 'export default () => new Promise(() => undefined)'},
    )
    const finished = await user.clinvk(['hello', '--json'])
    const {error} = json(finished) as {error: {kind: string}}
    assert.deepEqual({code: finished.code, kind: error.kind}, {code: 2, kind: 'unavailable'})
    assert.match(
      finished.stderr,
      /a promise never settled\.\n {2}It is most likely one of your plugins: hanger\n/,
    )
    assert.equal((await user.clinvk(['hello'], {env: {CLINVK_NO_PLUGINS: '1'}})).code, 0)
  })
})

describe('broken backends', () => {
  const user = new Sandbox({CLINVK_BACKEND: 'odd'}).forEachTest()

  const PLAN = 'plan: () => ({kind: "invocation", args: [], stdin: ""})'
  const AGENT = 'console.log("one"); console.log("two")'

  for (const [what, code, says] of [
    [
      'never finishes importing',
      'await new Promise(() => undefined)',
      /The backend odd does not load: it did not finish within 10 s/,
    ],
    [
      'ends the process on import',
      'process.exit(0)',
      /The backend odd does not load: it calls process\.exit/,
    ],
  ] as const) {
    it(`end a turn with exit 2 and leave no session: one that ${what}`, async () => {
      linkBackendPlugin(user, 'odd', code, {agent: AGENT})
      const finished = await user.clinvk(['--json', 'hello'])
      const {error, outcome} = json(finished) as {outcome: string; error: {hints: string[]; message: string}}
      assert.match(error.message, says)
      assert.match(
        error.hints.join('\n'),
        /It comes from clinvk-backend-odd, linked from \S+: build or repair it there\./,
      )
      assert.deepEqual({code: finished.code, outcome}, {code: 2, outcome: 'unavailable'})
      assert.deepEqual(user.sessions(), [])
      assert.doesNotMatch(finished.stderr, /^ {4}at |npm bugs/m)
    })
  }

  it('print to stdout beside the answer, and do not change the environment of the agent', async () => {
    const code = `console.log("on import"); process.env.SPOILT = "yes"; export default {${PLAN}, reader: () => ({line: (text) => (console.log("on a line"), [{type: "text", text}]), end: () => ({outcome: "success"})})}`
    linkBackendPlugin(user, 'odd', code, {agent: 'console.log(process.env.SPOILT ?? "clean")'})
    const finished = await user.clinvk(['--json', 'hello'])
    const [, printed, object] = /^((?:on .*\n)+)(\{.*)$/s.exec(finished.stdout)!
    assert.equal(printed, 'on import\non a line\n')
    assert.equal(json({...finished, stdout: object!}).content, 'clean')
    assert.equal(finished.stderr, '')
  })

  it('do not take clinvk with them when they fail where nothing waits, or give what is no JSON', async () => {
    const circle = 'const circle = {}; circle.circle = circle;'
    const plan =
      'plan() { Promise.reject(new Error("no luck")); return {kind: "invocation", args: [], stdin: ""} }'
    const reader =
      'reader: () => ({line: (text) => [{type: "tool_call", id: "1", name: "x", input: circle}, {type: "text", text}], end: () => ({outcome: "success"})})'
    linkBackendPlugin(user, 'odd', `${circle} export default {${plan}, ${reader}}`, {
      agent: 'console.log("one")',
    })
    const finished = await ends(user.clinvk(['-o', 'stream-json', 'hello']), {
      code: 0,
      stderr: 'Note: The plugin clinvk-backend-odd failed in the background: no luck\n',
    })
    assert.deepEqual(each(jsonLines(finished), 'type'), ['tool_call', 'text', 'done'])
  })
})
