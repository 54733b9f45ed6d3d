import assert from 'node:assert/strict'
import type {AgentExit, Backend, BackendEvent} from 'clinvk-contract'
import {asJson} from '../../support/as-json.js'
import {TURN} from '../../support/turn.js'
import {backendOf} from '../../support/backend-of.js'

/** What opencode 1.18.33 prints, read line by line. */
describe("opencode's lines", () => {
  let backend: Backend
  before(async () => {
    ;({backend} = await backendOf('opencode'))
  })

  const read = (lines: readonly (object | string)[], exit: Partial<AgentExit> = {code: 0}, more = {}) => {
    const reader = backend.reader({...TURN, ...more})
    const events: BackendEvent[] = lines.flatMap((line) =>
      reader.line(typeof line === 'string' ? line : JSON.stringify(line)),
    )
    return asJson({events, verdict: reader.end({stderr: '', ...exit})})
  }

  it('are enough without those of the plugin', () => {
    const state = {status: 'completed', input: {command: 'ls'}, output: 'a.txt'}
    const tool = {type: 'tool', id: 'p2', messageID: 'm1', tool: 'bash', callID: 'c1', state}
    const {events, verdict} = read([
      own('step_start', {type: 'step-start', id: 'p0'}),
      own('reasoning', {type: 'reasoning', id: 'p1', text: 'hm'}),
      own('text', {type: 'text', id: 'p3', text: 'First.'}),
      own('tool_use', tool),
      own('step_finish', finish('p4', 'tool-calls')),
      own('text', {type: 'text', id: 'p5', text: 'Then.'}),
      own('step_finish', finish('p6', 'stop')),
    ])
    assert.deepEqual(
      events.map(({type}) => type),
      ['session', 'reasoning', 'text', 'tool_call', 'tool_result', 'usage', 'text', 'usage'],
    )
    assert.equal(textOf(events), 'First.\n\nThen.')
    const usage = {
      input_tokens: 26,
      output_tokens: 10,
      cached_tokens: 4,
      reasoning_tokens: 4,
      total_tokens: 36,
    }
    assert.deepEqual(verdict, {outcome: 'success', usage})
  })

  it('count once where both tell the same', () => {
    const part = {type: 'text', id: 'p1', messageID: 'm1', text: 'Hello'}
    const {events, verdict} = read([
      session('ses_a'),
      {
        type: 'clinvk.message',
        sessionID: 'ses_a',
        messageID: 'm1',
        model: 'vendor/model',
        isSummary: false,
      },
      delta('p1', 'Hel'),
      delta('p1', 'lo'),
      {type: 'clinvk.part', sessionID: 'ses_a', part},
      {type: 'clinvk.part', sessionID: 'ses_a', part: finish('p2', 'stop')},
      own('text', part),
      own('step_finish', finish('p2', 'stop')),
      {type: 'clinvk.idle', sessionID: 'ses_a'},
    ])
    assert.equal(textOf(events), 'Hello')
    assert.equal(events.at(-1)?.type, 'finished')
    assert.deepEqual([verdict.model, verdict.usage?.total_tokens], ['vendor/model', 18])
    assert.deepEqual(Object.keys(verdict.usage?.models ?? {}), ['vendor/model'])
  })

  it('tell of sub-agents what they use and what they were denied, and nothing that they say', () => {
    const {events, verdict} = read([
      session('ses_a'),
      {...session('ses_b'), parentID: 'ses_a'},
      {
        type: 'clinvk.part',
        sessionID: 'ses_b',
        part: {type: 'text', id: 'q1', messageID: 'm9', text: 'Sub.'},
      },
      {type: 'clinvk.asked', sessionID: 'ses_b', permission: 'bash', patterns: ['rm -r x']},
      {type: 'clinvk.part', sessionID: 'ses_b', part: finish('q2', 'stop')},
      {type: 'clinvk.part', sessionID: 'ses_a', part: finish('p2', 'stop')},
    ])
    assert.equal(textOf(events), '')
    assert.equal(verdict.usage?.total_tokens, 36)
    assert.deepEqual(verdict.denials, [{tool: 'bash', target: 'rm -r x'}])
  })

  it('do not make an answer of what was broken off, nor of a summary', () => {
    const part = {type: 'text', id: 'p3', messageID: 'm2', text: 'The whole.'}
    const {events, verdict} = read([
      session('ses_a'),
      {type: 'clinvk.message', sessionID: 'ses_a', messageID: 'm1', model: 'v/m', isSummary: true},
      {type: 'clinvk.part', sessionID: 'ses_a', part: {...part, id: 'p1', messageID: 'm1', text: 'Summary'}},
      delta('p2', 'The wh'),
      {type: 'clinvk.retry', sessionID: 'ses_a', attempt: 1, message: 'cut', delayMs: 2100},
      delta('p3', 'The whole.'),
      {type: 'clinvk.part', sessionID: 'ses_a', part},
      {type: 'clinvk.part', sessionID: 'ses_a', part: finish('p4', 'stop')},
    ])
    assert.equal(textOf(events), 'The wh\n\nThe whole.')
    assert.equal(verdict.content, 'The whole.')
    assert.equal(verdict.outcome, 'success')
  })

  it('that are unknown, or none, are kept', () => {
    const lines = ['no JSON', '{"type":"new_thing"}', '17', 'null', '{"type":"clinvk.new"}']
    assert.deepEqual(
      read(lines).events,
      lines.map((line) => ({type: 'unparsed', line})),
    )
  })

  for (const [what, lines, exit, outcome, message, more] of [
    ['an invalid key', [error({statusCode: 401, message: 'no'})], {code: 1}, 'auth', /^no$/],
    [
      'no key',
      [{type: 'clinvk.disconnected', provider: 'v'}, error({message: 'Model not found: v/m.'})],
      {code: 1},
      'auth',
      /not signed in to v, or knows no provider/,
    ],
    ['too many requests', [error({statusCode: 429, message: 'slow'})], {code: 1}, 'rate_limit', /^slow$/],
    ['another error', [error({statusCode: 500, message: 'broken'})], {code: 1}, 'failed', /^broken$/],
    [
      'an unknown session',
      [],
      {code: 1, stderr: '\u001B[91mError: \u001B[0mSession not found\n'},
      'session',
      /Session not found$/,
    ],
    ['a crash', [], {signal: 'SIGSEGV'}, 'failed', /by signal SIGSEGV/],
    ['nothing', [], {code: 0}, 'failed', /without an answer/],
    [
      'an answer that was cut off',
      [own('step_finish', finish('p', 'length'))],
      {code: 0},
      'failed',
      /is incomplete/,
    ],
    [
      'its limit of turns',
      [error({message: 'clinvk: maxTurns'})],
      {code: 1},
      'limit',
      /model turns \(3\)/,
      {maxTurns: 3},
    ],
    [
      'attempts that were too many',
      [
        session('ses_a'),
        {type: 'clinvk.retry', sessionID: 'ses_a', attempt: 1, message: 'Rate limit reached', delayMs: 0},
      ],
      {code: 0},
      'rate_limit',
      /Rate limit/,
    ],
  ] as const) {
    // prettier-ignore
    it(`tell how it ended: ${what}`, () => {
      const {verdict} = read(lines, exit, more)
      assert.equal(verdict.outcome, outcome)
      assert.match('message' in verdict ? verdict.message : '', message)
    })
  }
})

function own(type: string, part: object) {
  return {type, sessionID: 'ses_a', part: {messageID: 'm1', ...part}}
}

function session(sessionID: string) {
  return {type: 'clinvk.session', sessionID}
}

function delta(partID: string, text: string) {
  return {type: 'clinvk.delta', sessionID: 'ses_a', partID, kind: 'text', delta: text}
}

function finish(id: string, reason: string) {
  const tokens = {input: 10, output: 3, reasoning: 2, cache: {read: 2, write: 1}}
  return {type: 'step-finish', id, messageID: 'm1', reason, tokens}
}

function error(data: object) {
  return {type: 'error', sessionID: 'ses_a', error: {name: 'APIError', data}}
}

function textOf(events: readonly BackendEvent[]): string {
  return events.map((event) => (event.type === 'text' ? event.text : '')).join('')
}
