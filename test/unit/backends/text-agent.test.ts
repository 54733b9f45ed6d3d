import assert from 'node:assert/strict'
import {discoverBackends} from 'clinvk-kit/backends/discover'
import type {AgentExit, Backend, Descriptor, Host, TextCommand, Turn, Verdict} from 'clinvk-contract'
import {fixture} from '../../support/sandbox.js'
import {TURN as PLAIN_TURN} from '../../support/turn.js'

const CASES = fixture('text-agent.yaml') as {
  invalid: {what: string; descriptor: object; issue: string}[]
  ends: {what: string; lines: string[]; exit: AgentExit; verdict: Verdict}[]
}
const HOST: Host = {platform: 'linux', isRoot: false, env: {}, scratch: '/tmp/none'}
const TURN: Turn = {...PLAIN_TURN, session: {kind: 'new', id: 'id-1'}}

describe('an agent that is described by a command alone', () => {
  describe('is started', () => {
    const EVERYTHING: TextCommand = {
      args: ['ask', '--', '{prompt}'],
      model: ['--model', '{model}'],
      systemPrompt: ['--system={system_prompt}'],
      maxTurns: ['--turns', '{max_turns}'],
      allowedTools: ['--tool', '{tool}'],
      addDirs: ['--dir={dir}'],
      approval: {auto: ['--yes']},
      sandbox: {'read-only': ['--sandbox', 'ro']},
      ephemeral: ['--forget'],
      session: {new: ['--id={id}'], resume: ['--resume={id}']},
    }
    const CASES: [string, TextCommand, Partial<Turn>, readonly string[], string?][] = [
      ['with the prompt by stdin', {args: ['-p']}, {}, ['-p'], 'hello'],
      ['with the prompt in an argument', {args: ['--prompt={prompt}', '-q']}, {}, ['--prompt=hello', '-q']],
      [
        'with a prompt that looks like a placeholder or a pattern unchanged',
        {args: ['--', 'I say: {prompt}'], model: ['-m', '{model}']},
        {prompt: '{model} $& {prompt}', model: 'm'},
        ['-m', 'm', '--', 'I say: {model} $& {prompt}'],
      ],
      [
        'with a leading dash where nothing can take it for an option',
        {args: ['--', '{prompt}'], systemPrompt: ['-s{system_prompt}']},
        {prompt: '--yes', systemPrompt: '-x'},
        ['-s-x', '--', '--yes'],
      ],
      [
        'with all options, before a --',
        EVERYTHING,
        {
          model: 'large', systemPrompt: 'be kind', maxTurns: 3, allowedTools: ['Read', 'Bash(ls)'], addDirs: ['/a', '/b'],
          approval: 'auto', sandbox: 'read-only', extra: ['--fast'],
        },
        [
          'ask', '--id=id-1', '--model', 'large', '--system=be kind', '--turns', '3', '--tool', 'Read', '--tool', 'Bash(ls)',
          '--dir=/a', '--dir=/b', '--yes', '--sandbox', 'ro', '--fast', '--', 'hello',
        ],
      ],
      ['on its conversation', EVERYTHING, {session: {kind: 'resume', id: 'id-7'}}, ['ask', '--resume=id-7', '--', 'hello']],
      ['to keep nothing', EVERYTHING, {session: {kind: 'ephemeral', id: 'id-8'}}, ['ask', '--forget', '--', 'hello']],
    ] // prettier-ignore
    for (const [name, command, turn, args, stdin = ''] of CASES) {
      it(name, async () => {
        const {backend} = await textAgent(command)
        assert.deepEqual(backend.plan({...TURN, ...turn}, HOST), {kind: 'invocation', args, stdin})
      })
    }
  })

  it('is not started with a model or a value that it would misread', async () => {
    const CASES: [TextCommand, Partial<Turn>, RegExp][] = [
      [{args: []}, {model: 'm'}, /^--model m: .* cannot be told a model$/],
      [{args: ['-p', '{prompt}']}, {prompt: '-rf'}, /^a prompt that begins with -: Plain would take it for an option/],
      [{args: ['{prompt}', '--', 'x']}, {prompt: '-rf'}, /^a prompt that begins with -:/],
      [{args: [], model: ['--model', '{model}']}, {model: '--yolo'}, /^--model --yolo: Plain would take it for an option of its own$/],
    ] // prettier-ignore
    for (const [command, turn, refusal] of CASES) {
      const {backend} = await textAgent(command)
      const plan = backend.plan({...TURN, ...turn}, HOST)
      assert.ok(plan.kind === 'refusal')
      assert.match(`${plan.option}: ${plan.reason}`, refusal)
    }
  })

  it('can do what its command has words for, and takes a prompt as long as an argument may be', async () => {
    const {descriptor} = await textAgent(
      {args: ['--prompt={prompt}'], model: ['{model}'], sandbox: {full: []}, ephemeral: []},
      {capabilities: {streaming: true}, limits: {promptCharacters: 7}},
    )
    assert.deepEqual(descriptor.capabilities, {
      streaming: true,
      resume: false,
      ephemeral: true,
      systemPrompt: false,
      maxTurns: false,
      allowedTools: false,
      addDirs: false,
      approval: [],
      sandbox: ['full'],
    })
    assert.deepEqual(descriptor.limits, {promptCharacters: 7, promptBytes: 131_071 - '--prompt='.length})
    assert.equal((await textAgent({args: []})).descriptor.limits?.promptBytes, undefined)
  })

  describe('answers', () => {
    const read = async (
      command: Partial<TextCommand>,
      lines: readonly string[],
      turn: Partial<Turn> = {},
    ) => {
      const {backend} = await textAgent({args: [], ...command})
      const reader = backend.reader({...TURN, ...turn})
      return {events: lines.flatMap((line) => reader.line(line)), reader}
    }

    it('line by line, without colours and without a newline at the end', async () => {
      const {events, reader} = await read({}, ['', '\u001B[1;32mOne\u001B[0m', '{"two": 2}', ''])
      assert.ok(events.every((event) => event.type === 'text'))
      assert.equal(events.map(({text}) => text).join(''), '\nOne\n{"two": 2}\n')
      assert.deepEqual(reader.end({code: 0, stderr: 'a warning'}), {outcome: 'success'})
    })

    it('in a conversation that it was given, from its first line on', async () => {
      const session = {new: ['{id}'], resume: ['{id}']}
      const told = {type: 'session', backend_session_id: 'id-1'}
      assert.deepEqual((await read({session}, ['a', 'b'])).events[0], told)
      assert.equal((await read({session}, ['a', 'b'])).events.length, 3)
      const ephemeral = {session: {kind: 'ephemeral', id: 'id-1'}} as const
      assert.equal((await read({session, ephemeral: []}, ['a'], ephemeral)).events.length, 1)
      assert.equal((await read({}, ['a'])).events.length, 1)
    })

    const FAILURES: TextCommand['failures'] = [
      {exit: 41, outcome: 'auth'},
      {pattern: 'rate.?limit', exit: 1, outcome: 'rate_limit'},
      {pattern: '^no conversation', outcome: 'session'},
      {pattern: '^(a+)+$', exit: 9, outcome: 'limit'},
      {pattern: '!', outcome: 'limit'},
    ]
    it('and reports how its turn ended', async () => {
      for (const {exit, lines, verdict, what} of CASES.ends) {
        const {reader} = await read({failures: FAILURES}, lines)
        assert.deepEqual(reader.end(exit), verdict, what)
      }
    })
  })

  it('tells its version', async () => {
    const {backend} = await textAgent({args: [], version: ['--version']})
    const [question] = backend.probe!(HOST)
    assert.ok(question?.kind === 'program')
    assert.deepEqual(question.args, ['--version'])
    const read = (stdout: string, code = 0) => question.read({stdout, stderr: '', code})
    assert.deepEqual(read('plain version 1.24.0-beta.1 (a3f)\n'), {version: '1.24.0-beta.1'})
    assert.deepEqual(read('plain\n'), {version: undefined})
    assert.deepEqual(read('1.2', 1), {version: undefined})
    assert.deepEqual((await textAgent({args: []})).backend.probe!(HOST), [])
  })

  it('is left out with one sentence when its command is invalid', async () => {
    for (const {descriptor, issue, what} of CASES.invalid) {
      const {backends, problems} = await discovered(descriptor)
      assert.equal(backends.size, 0, what)
      assert.match(problems.join('\n'), RegExp(issue))
    }
  })
})

async function textAgent(
  command: TextCommand,
  more: Partial<Descriptor> = {},
): Promise<{backend: Backend; descriptor: Descriptor}> {
  const {backends, problems} = await discovered({...more, command})
  assert.deepEqual(problems, [])
  const entry = backends.get('plain')!
  return {backend: await entry.load(), descriptor: entry.descriptor}
}

function discovered(descriptor: object) {
  const plain = {title: 'Plain', executable: 'plain', install: 'get it', capabilities: {}, ...descriptor}
  const pjson = {version: '1.0.0', clinvk: {contract: 1, backends: {plain}}}
  return discoverBackends([{name: 'clinvk-backend-plain', root: '/nowhere', pjson}])
}
