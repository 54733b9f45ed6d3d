import assert from 'node:assert/strict'
import type {Backend, Host, Invocation, JsonSchema, Refusal, Turn} from 'clinvk-contract'
import {backendOf} from '../../support/backend-of.js'
import {TURN} from '../../support/turn.js'

const HOST: Host = {platform: 'linux', isRoot: false, env: {}, scratch: '/scratch'}

describe('the command line of an agent', () => {
  const backends = new Map<string, Backend>()
  before(async () => {
    for (const name of ['claude', 'codex', 'gemini', 'opencode'])
      backends.set(name, (await backendOf(name)).backend)
  })
  const plan = (agent: string, turn: Partial<Turn>, host: Partial<Host> = {}): Invocation | Refusal =>
    backends.get(agent)!.plan({...TURN, ...turn}, {...HOST, ...host})
  const words = (agent: string, turn: Partial<Turn>): string => {
    const planned = plan(agent, turn)
    return planned.kind === 'refusal' ? planned.reason : planned.args.join(' ')
  }

  const RESERVED: Record<string, readonly string[]> = {
    claude: ['--output-format=json', '--resume', '-p'],
    codex: ['--json', '--cd=/', '-C/', '-sread-only', '--yolo', '--last', 'resume', '-'],
    gemini: ['--output-format=json', '--sessionId', '-r', '-yo', '--yolo'],
    opencode: ['--agent', '-m'],
  }
  for (const [agent, reserved] of Object.entries(RESERVED)) {
    for (const word of reserved) {
      it(`of ${agent} has no --extra ${word}, which clinvk sets itself`, () => {
        assert.deepEqual(plan(agent, {extra: [word]}), {
          kind: 'refusal',
          option: `--extra ${word}`,
          reason: `clinvk uses this option of ${agent} itself`,
          instead: 'Use the flag of clinvk that does it: clinvk prompt --help',
        })
      })
    }
  }

  const readOnly = {sandbox: 'read-only', allowedTools: ['x']} as const
  const commented = {OPENCODE_CONFIG_CONTENT: '{// no JSON\n}'}
  for (const [agent, option, turn, host] of [
    ['claude', '--sandbox-mode full', {sandbox: 'full'}, {isRoot: true}],
    ['gemini', '--allowed-tools with --sandbox-mode read-only', readOnly],
    ['gemini', '--add-dir /a,b', {addDirs: ['/a,b']}],
    ['opencode', '--allowed-tools with --sandbox-mode read-only', readOnly],
    ['opencode', '--extra please', {extra: ['--variant', 'high', 'please']}],
    ['opencode', '--model gpt-5', {model: 'gpt-5'}],
    ['opencode', '--allowed-tools webfetch(https://a.b)', {allowedTools: ['webfetch(https://a.b)']}],
    ['opencode', 'OPENCODE_CONFIG_CONTENT', {}, {env: commented}],
  ] as const) {
    it(`of ${agent} is refused: ${option}`, () => {
      const planned = plan(agent, turn, host)
      assert.ok(planned.kind === 'refusal')
      assert.equal(planned.option, option)
      assert.match(`${planned.reason}. ${planned.instead}`, /^\S.*\. \S.*/)
    })
  }

  const object = {
    type: 'object',
    properties: {a: {type: 'string'}},
    required: ['a'],
    additionalProperties: false,
  }
  const within = (a: JsonSchema): JsonSchema => ({...object, properties: {a}})
  for (const [schema, ...agents] of [
    [object, 'claude', 'codex'],
    [{...object, $schema: 'https://json-schema.org/draft/2020-12/schema'}, 'claude', 'codex'],
    [within({anyOf: [object, {$ref: '#'}]}), 'claude', 'codex'],
    [within({type: ['string', 'null'], enum: ['default', null]}), 'claude', 'codex'],
    [within({type: 'string', format: 'date'}), 'codex'],
    [{...object, required: []}, 'claude'],
    [within({type: 'array', items: {type: 'object', properties: {}}}), 'claude'],
    [within({type: 'string', minLength: 1}), 'claude'],
    [within({type: 'array', items: [{type: 'string'}]})],
    [within({type: 'array', prefixItems: [{type: 'string'}]})],
    [{...object, anyOf: [{required: ['a']}]}],
    [{type: 'array', items: object}],
    [{}],
  ] as const) {
    it(`has a schema where the agent knows all of it: ${JSON.stringify(schema)}`, () => {
      const {$schema: _, ...given} = schema as JsonSchema
      for (const [agent, told] of [
        ['claude', ({args}: Invocation) => args[args.indexOf('--json-schema') + 1]],
        ['codex', ({files}: Invocation) => files?.find(({path}) => path.endsWith('schema.json'))?.content],
      ] as const) {
        const planned = plan(agent, {schema})
        const isTaken = (agents as readonly string[]).includes(agent)
        assert.equal(
          planned.kind === 'refusal' ? planned.option : told(planned),
          isTaken ? JSON.stringify(given) : '--schema',
        )
      }
    })
  }

  it('of claude allows everything as root where the machine is a sandbox', () => {
    const {kind} = plan('claude', {sandbox: 'full'}, {isRoot: true, env: {IS_SANDBOX: '1'}})
    assert.equal(kind, 'invocation')
  })

  it('has the other --extra as they are', () => {
    for (const [agent, extra] of [
      ['claude', ['--append-system-prompt', 'Be kind.']],
      ['codex', ['--config', 'developer_instructions="Be kind."']],
      ['gemini', ['--debug']],
      ['opencode', ['--variant', 'high']],
    ] as const)
      assert.ok(words(agent, {extra}).includes(` ${extra.join(' ')}`), agent)
  })

  it('of codex with --approval-mode auto writes no less than --sandbox-mode says', () => {
    for (const [sandbox, mode] of [
      ['default', 'workspace-write'],
      ['workspace', 'workspace-write'],
      ['full', 'danger-full-access'],
    ] as const)
      assert.match(words('codex', {sandbox, approval: 'auto'}), new RegExp(` --sandbox ${mode} `))
  })

  for (const agent of ['claude', 'codex', 'gemini', 'opencode']) {
    it(`of ${agent} shows nobody on the machine the prompts, which argv would`, () => {
      for (const session of [
        {kind: 'new', id: 'x'},
        {kind: 'resume', id: 'x'},
      ] as const) {
        const {args} = plan(agent, {prompt: 'SECRET', systemPrompt: 'SECRET', session}) as Invocation
        assert.ok(!args.join(' ').includes('SECRET'), args.join(' '))
      }
    })
  }

  it('on a fork continues a copy, here and in the agent itself, with the same care as resume', () => {
    const asking = '--sandbox read-only --ask-for-approval on-request'
    for (const [agent, turn, own] of [
      [
        'claude',
        '--resume x --fork-session --session-id y --model p/m',
        '--resume x --fork-session --model p/m',
      ],
      ['codex', '--model p/m fork x -', `fork --no-daemon ${asking} --model p/m x`],
      ['opencode', '--session x --fork --model p/m', '--session x --model p/m --fork'],
    ] as const) {
      const model = 'p/m'
      const planned = words(agent, {model, session: {kind: 'fork', id: 'x', copy: 'y'}})
      assert.ok(planned.endsWith(` ${turn}`), planned)
      const program = backends.get(agent)!.interactive!({id: 'x', cwd: '/'}, {model, fork: true}, HOST)
      assert.equal(program.kind === 'program' && program.args.join(' '), own)
    }
  })

  it('of gemini on a conversation whose first turn has failed begins it again', () => {
    const {args} = backends.get('gemini')!.interactive!(
      {id: 'x', cwd: '/project', state: {lost: true}},
      {model: 'flash'},
      HOST,
    ) as {args: readonly string[]}
    assert.deepEqual(args, ['--session-id', 'x', '--model', 'flash'])
  })
})
