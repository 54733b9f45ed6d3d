import assert from 'node:assert/strict'
import {cpSync, existsSync} from 'node:fs'
import {join} from 'node:path'
import {compile} from '../support/contract-types.js'
import {InventedAgents} from '../support/invented-agents.js'
import {ends, json, jsonLines, ROOT} from '../support/sandbox.js'

/**
 * Contract 1 may only grow by optional parts: a backend that was written for it before
 * goes on to compile and to work. The fixture uses every part; it is only ever added to.
 */
describe('a backend of somebody else', () => {
  const user = new InventedAgents().forEachTest()

  it('compiles against the contract, and does all that it did', async () => {
    const root = user.directory('plugins/third-party')
    cpSync(FIXTURE, root, {recursive: true})
    const options = {rootDir: join(FIXTURE, 'src'), outDir: join(root, 'dist')}
    assert.deepEqual(compile([join(FIXTURE, 'src/index.ts')], options), [])
    await user.linkPackage(root)

    const turn = await ends(user.clinvk(['-b', 'third', '-o', 'stream-json', '-m', 'fast', 'hi']), {code: 0})
    const events = jsonLines(turn)
    assert.deepEqual(
      [...new Set(events.map(({type}) => type))].sort(),
      [
        'done', 'error', 'notice', 'rate_limit', 'reasoning', 'retry', 'session', 'text', 'tool_call', 'tool_result',
        'unparsed', 'usage',
      ], // prettier-ignore
    )
    const done = events.at(-1)!
    assert.deepEqual(
      {content: done.content, model: done.model, usage: done.usage, denials: done.denials},
      {
        content: 'plain: hi',
        model: 'third-small',
        usage: {
          input_tokens: 3,
          output_tokens: 2,
          cached_tokens: 1,
          reasoning_tokens: 1,
          total_tokens: 5,
          models: {'third-small': {input_tokens: 3, output_tokens: 2}},
        },
        denials: [{tool: 'Bash', target: 'ls', allow: ['--allowed-tools', 'Bash']}],
      },
    )

    await user.clinvk(['config', 'set', 'backends.third.mood', 'kind'])
    const next = json(await user.clinvk(['-c', '--json', 'again']))
    assert.deepEqual([next.content, next.session_id], ['kind: again', done.session_id])
    assert.deepEqual(user.sessions()[0]!.backend_state, {turns: 2})
    assert.equal(json(await user.clinvk(['-b', 'third', '--ephemeral', '--json', 'x'])).content, 'kind: x')
    assert.equal((await user.clinvk(['-b', 'third', '--approval-mode', 'always', 'x'])).code, 10)

    const {version, signed_in: signedIn} = json(await user.clinvk(['backends', 'third', '--json']))
    assert.deepEqual({version, signedIn}, {version: '1.0.0', signedIn: 'unknown'})
    const file = join(user.home, `.third/${String(done.backend_session_id)}.json`)
    assert.ok(existsSync(file))
    await ends(user.clinvk(['sessions', 'delete', String(done.session_id), '--agent']), {code: 0})
    assert.ok(!existsSync(file))
  })
})

describe('a backend that knows more of contract 1 than this clinvk', () => {
  const user = new InventedAgents().forEachTest()

  it('works: unknown parts are ignored', async () => {
    user.linkBackend(
      'later',
      `export default {
         plan: ({prompt}) => ({kind: 'invocation', args: [], stdin: prompt, priority: 'high'}),
         reader: () => ({
           line: (line) => [{type: 'mood', mood: 'good'}, {type: 'text', text: line, tone: 'soft'}],
           end: () => ({outcome: 'success', confidence: 0.9}),
         }),
         dream: () => 'of sheep',
       }`,
      {agent: "console.log('hello')", descriptor: {colour: 'green', capabilities: {telepathy: true}}},
    )
    const {content, exit_code: code, outcome} = json(await user.clinvk(['-b', 'later', '--json', 'hi']))
    assert.deepEqual({content, code, outcome}, {content: 'hello', code: 0, outcome: 'success'})
  })
})

const FIXTURE = join(ROOT, 'test/fixtures/plugins/backend-third-party')
