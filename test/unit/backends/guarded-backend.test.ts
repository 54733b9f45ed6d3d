import assert from 'node:assert/strict'
import {guardBackend, validVerdict} from 'clinvk-kit/backends/guard-backend'
import type {Backend, Conversation, Files, Host, Reader, Turn} from 'clinvk-contract'
import {isFailure} from 'clinvk-kit/errors/failure'
import {contractSchema, issueIn} from 'clinvk-contract/schema'
import {each} from '../../support/sandbox.js'

const ORIGIN = {name: 'odd', plugin: 'clinvk-backend-odd', pluginVersion: '1.2.3', root: '/nowhere'}
const HOST = {platform: 'linux', isRoot: false, env: {}, scratch: '/tmp/scratch'} as Host
const TURN = {prompt: 'x', cwd: '/'} as Turn
const CONVERSATION: Conversation = {id: 'x', cwd: '/'}
const FILES = {} as Files
const ASK = () => Promise.resolve(undefined)
const FOUND = {id: 'x', paths: ['/x'], about: {title: 'A title'}}
const SCHEMA = contractSchema({strict: false})
const circular: {self?: object} = {}
circular.self = circular

const PLAN = {
  kind: 'invocation',
  args: ['-p'],
  stdin: 'x',
  env: {A: undefined, B: 'b'},
  files: [{path: '/tmp/scratch/a/b', content: ''}],
}
const PROGRAM = {kind: 'program', args: ['x']}
const TURN_RECORD = {
  startedAt: '2026-01-01T00:00:00Z',
  endedAt: '2026-01-01T00:00:01Z',
  usage: {input_tokens: 1},
}
/** Each part of the contract: how it is called, what it may give, and what it may not. */
const PARTS: [part: string, call: (backend: Backend) => unknown, good: unknown[], bad: unknown[]][] = [
  ['plan', (backend) => backend.plan(TURN, HOST), [PLAN, {kind: 'refusal', option: '--x', reason: 'no'}], [
    {...PLAN, args: 'x'}, {...PLAN, args: [1]}, {...PLAN, args: ['a\0b']}, {...PLAN, stdin: undefined}, {...PLAN, env: 'x'},
    {...PLAN, env: {A: 1}}, {...PLAN, env: {'A=B': 'x'}}, {...PLAN, env: {A: '\0'}}, {...PLAN, notices: 'x'}, {...PLAN, files: [{}]},
    {...PLAN, files: [{path: '/etc/passwd', content: ''}]}, {...PLAN, files: [{path: '/tmp/scratch/../x', content: ''}]},
    {kind: 'refusal'}, {kind: 'other'}, Promise.resolve(PLAN),
  ]],
  ['reader', (backend) => backend.reader(TURN), [{line: () => [], end: () => ({outcome: 'success'})}], [{}, {line: 1, end: 2}, {line: () => [], end: () => 1, errorLine: 5}]],
  ['stopSignal', (backend) => backend.stopSignal!(TURN), ['SIGINT', 'SIGTERM'], ['SIGKILL', 9]],
  ['interactive', (backend) => backend.interactive!(CONVERSATION, {}, HOST), [PROGRAM, {kind: 'refusal', option: 'a', reason: 'b'}], [{kind: 'program'}, PLAN]],
  ['deleteCommand', (backend) => backend.deleteCommand!(CONVERSATION), [PROGRAM], [{...PROGRAM, args: [null]}, {kind: 'refusal', option: 'a', reason: 'b'}]],
  ['probe', (backend) => backend.probe!(HOST), [[], [{kind: 'files', read: () => ({})}], [{...PROGRAM, read: () => ({})}]], [{}, [null], [{kind: 'files'}], [{...PROGRAM}], [{kind: 'x', read: () => ({})}]]],
  ['record', (backend) => backend.record!(CONVERSATION, FILES, ASK), [undefined, {turns: []}, {turns: [TURN_RECORD], state: {a: 1}}], [
    {}, {turns: [null]}, {turns: [{...TURN_RECORD, startedAt: 'x'}]}, {turns: [{...TURN_RECORD, usage: {input_tokens: NaN}}]}, {turns: [], state: circular},
  ]],
  ['move', (backend) => backend.move!(CONVERSATION, '/renamed', FILES, ASK), [true, false], [{}, [true]]],
  ['forget', (backend) => backend.forget!(CONVERSATION, FILES), [{removed: []}, {removed: ['/x'], stays: 'its history'}], [{}, {removed: [1]}, {removed: [], stays: 5}]],
  ['history.conversations', ({history}) => history!.conversations(FILES, ASK), [[], [FOUND]], [{}, [{}], [{...FOUND, id: 'a\nb'}], [{...FOUND, paths: ['x']}], [{...FOUND, about: {cwd: 'x'}}]]],
  ['history.deletedAt', ({history}) => history!.deletedAt!(FOUND, FILES), [undefined, '2026-01-01T00:00:00Z'], ['soon', null]],
  ['history.renewal', ({history}) => history!.renewal!(new Date()), ['', 'x\n'], [[]]],
  ['history.exportProgram', ({history}) => history!.exportProgram!('x'), [{args: []}, {args: ['x'], env: {A: undefined}}], [{}, {args: ['a\0b']}]],
  ['history.importProgram', ({history}) => history!.importProgram!('/x'), [{args: ['x']}], [[], {args: [1]}]],
] // prettier-ignore
/** Parts that may give nothing, and the one that gives text. */
const MAY_BE_NOTHING = ['record', 'history.deletedAt']
const TEXT = 'history.renewal'

const BARE = {plan: () => PLAN, reader: () => ({})} as unknown as Backend

function withPart(part: string, give: unknown): Backend {
  const [, name] = part.split('history.')
  const history = {conversations: () => Promise.resolve([]), transcript: () => []}
  const own = name === undefined ? {[part]: give} : {history: {...history, [name]: give}}
  return guardBackend({...BARE, ...own} as unknown as Backend, ORIGIN)
}

describe('a guarded backend', () => {
  const assertNamed = (error: unknown, part: string) => {
    assert.ok(isFailure(error), String(error))
    assert.equal(error.kind, 'unavailable')
    assert.match(error.message, RegExp(`^The backend odd failed in \`${part}\`: \\P{Cc}+$`, 'u'))
    assert.match(error.hints.join('\n'), /It comes from clinvk-backend-odd 1\.2\.3/)
    return true
  }

  for (const [part, call, good, bad] of PARTS) {
    it(`passes what the contract allows for ${part}, and names the plugin for anything else`, async () => {
      // What is async in the contract may give a promise, or be late with an error.
      const run = (give: () => unknown) => Promise.resolve().then(() => call(withPart(part, give)))
      for (const answer of good) {
        const passed = await run(() => answer)
        // A reader is guarded, too.
        if (part !== 'reader') assert.deepEqual(passed, answer)
      }
      const nothing = MAY_BE_NOTHING.includes(part) ? [] : [undefined, null]
      const text = part === TEXT ? [] : ['x']
      const thrown = [
        new Error('no\u001B[31m luck\n'),
        'no luck',
        null,
        undefined,
        Object.create(null),
        {message: 5},
      ]
      const failing = thrown.map((error: unknown) => () => {
        throw error
      })
      const wrong = [...bad, ...nothing, ...text, 5, () => undefined, Symbol('x')].map(
        (answer) => () => answer,
      )
      for (const give of [...wrong, ...failing])
        await assert.rejects(run(give), (error) => assertNamed(error, part))
    })
  }

  it('has only the parts that the backend has, and refuses what is no function', () => {
    assert.deepEqual(Object.keys(guardBackend(BARE, ORIGIN)), ['plan', 'reader'])
    for (const part of 'settle stopSignal interactive tidy record move forget deleteCommand probe'.split(' '))
      assert.throws(() => withPart(part, 5), {
        kind: 'unavailable',
        message: `The backend odd failed in \`${part}\`: it must be a function`,
      })
    assert.deepEqual(Object.keys(withPart('history.x', 5).history!), ['conversations', 'transcript'])
    for (const history of [5, {}, {conversations: 5, transcript: () => []}])
      assert.throws(() => guardBackend({...BARE, history} as unknown as Backend, ORIGIN), {
        kind: 'unavailable',
        message: /^The backend odd failed in `history`: /,
      })
  })

  it('loses invalid entries of a transcript alone, and is named where the reading fails', async () => {
    const text = {type: 'text', role: 'user', id: '1', at: '2026-01-01T00:00:00Z', text: 'hello'}
    const call = {type: 'call', id: '2', at: '2026-01-01', inputTokens: 3, cost: 0.5}
    const invalid = [null, {...text, at: 'never'}, {...text, role: 'tool'}, {...call, inputTokens: -1}, {type: 'about', about: {parents: 'x'}}] // prettier-ignore
    const {history} = withPart('history.transcript', async function* () {
      yield* await Promise.resolve([text, ...invalid, call])
      throw new Error('no luck')
    })
    const told: unknown[] = []
    const reading = async () => {
      for await (const entry of history!.transcript(FOUND, FILES, ASK)) told.push(entry)
    }
    await assert.rejects(reading(), (error) => assertNamed(error, 'history.transcript'))
    assert.deepEqual(told, [text, call])
  })
})

const EVENTS: object[] = [
  {type: 'session', backend_session_id: 'x', model: 'm'}, {type: 'text', text: ''}, {type: 'reasoning', text: 'x'},
  {type: 'tool_call', id: '1', name: 'x', input: {a: [1]}, target: 'y'}, {type: 'tool_result', id: '1', output: '', is_error: false},
  {type: 'usage', usage: {input_tokens: 0, models: {a: {output_tokens: 1}}}}, {type: 'retry', attempt: 1, message: 'x', status: 529},
  {type: 'rate_limit', message: 'x', resets_at: 'y'}, {type: 'notice', message: 'x'}, {type: 'error', message: 'x'},
  {type: 'unparsed', line: 'x'}, {type: 'state', state: null}, {type: 'finished'},
] // prettier-ignore
const NO_EVENTS: unknown[] = [
  null, 5, 'text', [], {}, {type: 'other'}, {type: 'toString'}, {type: 'text'}, {type: 'text', text: 5}, {type: 'session'},
  {type: 'session', backend_session_id: ''}, {type: 'session', backend_session_id: 'a\nb'}, {type: 'tool_call', id: 1, name: 'x'},
  {type: 'tool_result', id: '1', output: {}, is_error: false}, {type: 'usage'}, {type: 'usage', usage: {input_tokens: NaN}},
  {type: 'usage', usage: {output_tokens: -1}}, {type: 'usage', usage: {total_tokens: Infinity}}, {type: 'usage', usage: {models: {a: 5}}},
  {type: 'retry', message: 'x'}, {type: 'notice'}, {type: 'state'}, {type: 'state', state: circular}, {type: 'state', state: 1n},
] // prettier-ignore

describe('its reader', () => {
  const readerOf = (line: () => unknown, end: () => unknown = () => ({outcome: 'success'})) => {
    const reader = () => ({line, end, errorLine: line}) as unknown as Reader
    return guardBackend({...BARE, reader}, ORIGIN).reader(TURN)
  }

  it('passes every event of the contract, as it is', () => {
    assert.deepEqual(readerOf(() => EVENTS).line('x'), EVENTS)
  })

  it('keeps a line with an invalid event, and its valid events', () => {
    for (const wrong of NO_EVENTS) {
      const events = readerOf(() => [EVENTS[1], wrong]).line('the line')
      assert.deepEqual(each(events, 'type'), ['text', 'notice', 'unparsed'], JSON.stringify(events))
      assert.deepEqual(events.at(-1), {type: 'unparsed', line: 'the line'})
      for (const event of events) assert.equal(issueIn(SCHEMA.event, event), undefined)
    }
  })

  it('gives one notice, however often it fails', () => {
    const answers = [() => undefined, () => 'x', () => ({}), () => Promise.resolve([]), () => [null], () => {
      throw new Error('no luck')
    }] // prettier-ignore
    for (const answer of answers) {
      const reader = readerOf(answer)
      const events = [reader.line('a'), reader.line('b'), reader.errorLine!('c')].flat()
      assert.deepEqual(each(events, 'type'), ['notice', 'unparsed', 'unparsed', 'unparsed'])
    }
  })

  it('fails the turn when it throws at the end', () => {
    const end = () => {
      throw new Error('no luck')
    }
    const message = 'The backend odd failed at the end of the turn: no luck'
    assert.deepEqual(readerOf(() => [], end).end({stderr: ''}), {outcome: 'failed', message})
  })
})

describe('its verdict', () => {
  const valid = (verdict: unknown) => {
    const invalid: string[] = []
    return {verdict: validVerdict(verdict, (details) => invalid.push(...details)), invalid}
  }

  it('that is valid is passed unchanged', () => {
    const details = {usage: {}, denials: [{tool: 'x', allow: ['--a', 'b']}], leftovers: ['/x'], content: ''}
    const limited = {outcome: 'rate_limit', message: 'x', resetsAt: '2026-01-01', ...details}
    for (const verdict of [{outcome: 'success'}, limited])
      assert.deepEqual(valid(verdict), {verdict, invalid: []})
  })

  it('without a valid outcome is undefined', () => {
    const invalid = [
      undefined, null, 'success', [], {}, {outcome: 'fine'}, {outcome: 'failed'}, {outcome: 'auth', message: 5},
      Promise.resolve({outcome: 'success'}),
    ] // prettier-ignore
    for (const verdict of invalid) assert.equal(valid(verdict).verdict, undefined)
  })

  it('loses only invalid details', () => {
    const parts = {
      content: 5, model: '', usage: {input_tokens: -1}, denials: [{}], leftovers: ['relative'], resetsAt: 5,
    } // prettier-ignore
    const {invalid, verdict} = valid({outcome: 'limit', message: 'x', ...parts})
    assert.deepEqual(verdict, {outcome: 'limit', message: 'x'})
    assert.deepEqual(invalid.sort(), Object.keys(parts).sort())
  })
})
