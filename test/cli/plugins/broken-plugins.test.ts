import assert from 'node:assert/strict'
import {mkdirSync, rmSync} from 'node:fs'
import {join} from 'node:path'
import {CliUser} from '../../support/cli-user.js'
import {linkBackendPlugin, linkPlugin, writeList} from '../../support/link-plugin.js'
import {type Finished, json, jsonLines} from '../../support/sandbox.js'

describe('broken plugins', () => {
  let user: CliUser
  beforeEach(() => {
    user = new CliUser({CLINVK_BACKEND: 'echo'})
  })
  afterEach(() => user.remove())

  it('are waited for only a while when they never finish importing', async () => {
    linkPlugin(
      user,
      'endless',
      {oclif: {commands: './commands'}},
      {'commands/endless.js': 'await new Promise(() => undefined)'},
    )
    const {code, stderr, stdout} = await user.clinvk(['hello'])
    assert.match(
      stderr,
      /^Note: The plugin endless does not load from .*: it is not done after 5 s\. More: clinvk doctor\n$/,
    )
    assert.deepEqual({code, stdout}, {code: 0, stdout: 'You said: hello\n'})
  })

  for (const [what, list] of [
    ['no JSON', '{"oclif": '],
    ['no list', '{"oclif": {"plugins": {}}}'],
    ['strange entries', '{"oclif": {"plugins": [null, 5, {"name": "x"}, {"name": "x", "type": "link"}]}}'],
  ] as const) {
    it(`do no harm where the list of them is damaged: ${what}`, async () => {
      writeList(user, list)
      const {code, stderr, stdout} = await user.clinvk(['hello'])
      assert.match(
        stderr,
        /^Note: The list of your plugins is damaged: .*package\.json: .* More: clinvk doctor\n$/,
      )
      assert.deepEqual({code, stdout}, {code: 0, stdout: 'You said: hello\n'})
    })
  }

  it('do no harm where the list of them is a directory, or null', async () => {
    writeList(user, 'null')
    assert.deepEqual(outcome(await user.clinvk(['hello'])), {
      code: 0,
      stdout: 'You said: hello\n',
      stderr: '',
    })
    const list = join(user.home, '.local/share/clinvk/package.json')
    rmSync(list)
    mkdirSync(list)
    assert.match((await user.clinvk(['hello'])).stderr, /The list of your plugins is damaged/)
  })

  for (const [what, code, says] of [
    ['exports nothing', 'export const guard = 1', /its module exports no function/],
    ['answers nonsense', 'export default () => "no"', /its answer is invalid/],
    ['refuses without a word', 'export default () => ({refuse: true})', /its answer is invalid/],
  ] as const) {
    it(`let nothing pass when a guard ${what}`, async () => {
      linkPlugin(user, 'guard', {oclif: {hooks: {'turn:guard': './guard.js'}}}, {'guard.js': code})
      const {code: exit, stderr} = await user.clinvk(['hello'])
      assert.match(stderr, /^Error: guard failed on turn:guard, so the turn does not run: /)
      assert.match(stderr, says)
      assert.deepEqual({exit, sessions: user.sessions().length}, {exit: 10, sessions: 0})
    })
  }
})

describe('broken backends', () => {
  let user: CliUser
  beforeEach(() => {
    user = new CliUser({CLINVK_BACKEND: 'odd'})
  })
  afterEach(() => user.remove())

  const PLAN = 'plan: () => ({kind: "invocation", args: [], stdin: ""})'
  const READER = 'reader: () => ({line: (text) => [{type: "text", text}], end: () => ({outcome: "success"})})'
  const AGENT = 'console.log("one"); console.log("two")'

  for (const [what, code, says] of [
    [
      'throws in its plan',
      `export default {plan() { throw new Error("no luck") }, ${READER}}`,
      /The backend odd failed in `plan`: no luck/,
    ],
    [
      'plans a promise',
      `export default {async plan() {}, ${READER}}`,
      /The backend odd failed in `plan`: `kind` must be invocation or refusal/,
    ],
    [
      'gives no reader',
      `export default {${PLAN}, reader() {}}`,
      /The backend odd failed in `reader`: it must be an object/,
    ],
    [
      'has a part that is no function',
      `export default {${PLAN}, ${READER}, settle: 5}`,
      /The backend odd failed in `settle`: it must be a function/,
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
      assertTidy(finished.stderr)
    })
  }

  it('lose no line when their reader fails: it is kept, and said once', async () => {
    const reader =
      'reader: () => ({line() { throw new Error("no luck") }, end: () => ({outcome: "success"})})'
    linkBackendPlugin(user, 'odd', `export default {${PLAN}, ${reader}}`, {agent: AGENT})
    const finished = await user.clinvk(['-o', 'stream-json', 'hello'])
    const events = jsonLines(finished).map(({line, message, outcome, type}) => ({
      type,
      ...(line ? {line} : {}),
      ...(message ? {message} : {}),
      ...(outcome ? {outcome} : {}),
    }))
    assert.deepEqual(events, [
      {type: 'notice', message: 'The backend odd failed on a line of its agent: no luck'},
      {type: 'unparsed', line: 'one'},
      {type: 'unparsed', line: 'two'},
      {type: 'done', outcome: 'success'},
    ])
  })

  it('fail the turn, not clinvk, when they cannot say how it went', async () => {
    const reader = 'reader: () => ({line: (text) => [{type: "text", text}], end: () => ({outcome: "fine"})})'
    linkBackendPlugin(user, 'odd', `export default {${PLAN}, ${reader}}`, {agent: AGENT})
    const finished = await user.clinvk(['--json', 'hello'])
    const {
      content,
      error,
      exit_code: code,
    } = json(finished) as {content: string; exit_code: number; error: {message: string}}
    assert.deepEqual({code, content}, {code: 1, content: 'onetwo'})
    assert.equal(
      error.message,
      'The backend odd does not say how the turn went. It comes from clinvk-backend-odd.',
    )
    assert.equal(user.sessions()[0]?.last_outcome, 'failed')
  })

  it('do not write nonsense into the session: usage, and what settle gives', async () => {
    const reader =
      'reader: () => ({line: () => [{type: "usage", usage: {input_tokens: NaN}}], end: () => ({outcome: "success", usage: {output_tokens: -1}, model: 5})})'
    linkBackendPlugin(user, 'odd', `export default {${PLAN}, ${reader}, async settle() { return "well" }}`, {
      agent: AGENT,
    })
    const finished = await user.clinvk(['--json', 'hello'])
    const {outcome, usage} = json(finished) as {outcome: string; usage?: object}
    assert.deepEqual({outcome, usage}, {outcome: 'success', usage: undefined})
    assert.match(finished.stderr, /The backend odd gave an invalid model, usage, which is left out\./)
    assert.match(finished.stderr, /failed in `settle`: it gives no verdict/)
    const [session] = user.sessions()
    assert.deepEqual(session?.token_usage ?? {}, {})
    assertTidy(finished.stderr)
  })
})

function outcome({code, stderr, stdout}: Finished): Pick<Finished, 'code' | 'stderr' | 'stdout'> {
  return {code, stderr, stdout}
}

/** Fit for people: no stacks, no words of Node or oclif, no control characters. */
function assertTidy(text: string): void {
  assert.doesNotMatch(text, /^ {4}at |\(node:\d+\)|module: @oclif|See more details|npm bugs/m)
  assert.doesNotMatch(text.replaceAll('\n', ''), /[\u0000-\u001F\u007F-\u009F]/)
}
