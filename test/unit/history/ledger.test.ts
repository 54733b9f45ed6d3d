import assert from 'node:assert/strict'
import {appendFileSync, mkdtempSync, readFileSync, rmSync, statSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import type {ModelCall, Usage} from 'clinvk-contract'
import {Ledger} from 'clinvk-plugin-history/usage/ledger'

describe('the ledger of model calls', () => {
  let home: string
  beforeEach(() => (home = mkdtempSync(join(tmpdir(), 'clinvk-ledger-'))))
  afterEach(() => rmSync(home, {recursive: true}))

  const ledger = () => new Ledger({CLINVK_HOME: home})
  const text = () => readFileSync(ledger().path, 'utf8')
  const counted = () =>
    [...ledger().rows()].map(({input = 0, key, output = 0}) => `${key} ${input}+${output}`).sort()

  /** Adds turns as a process of its own reads them. */
  async function read(...turns: Turn[]): Promise<void> {
    const found = ledger()
    for (const {about, calls = [], conversation, minute = 0, model, session, usage} of turns) {
      const file = {id: session!, backend: 'claude', created_at: at(0), last_used: at(0), working_dir: '/w'}
      found.add(
        {
          session: session === undefined ? undefined : {...file, backend_session_id: conversation},
          conversation: conversation === undefined ? undefined : {backend: 'claude', id: conversation},
        },
        about,
        {number: 1, startedAt: at(minute), endedAt: at(minute, 59), messages: [], calls, usage, model},
      )
    }
    await found.save()
  }

  const cases: Record<string, {turns: Turn[]; counts: string[]}> = {
    'a call that is read twice counts once': {
      turns: [
        {conversation: 'c', calls: [call('m1', 10, 1)]},
        {conversation: 'c', calls: [call('m1', 10, 1), call('m2', 20, 2)]},
      ],
      counts: ['claude/m1 10+1', 'claude/m2 20+2'],
    },
    'of two readings of a call the larger counts are right, in whatever order': {
      turns: [
        {conversation: 'c', calls: [call('m1', 10, 1), call('m1', 10, 7), call('m1', 10, 3)]},
        {conversation: 'c', calls: [call('m1', 2, 4)]},
      ],
      counts: ['claude/m1 10+7'],
    },
    'what clinvk counted itself counts until the record of the turn is read': {
      turns: [
        {session: 's', conversation: 'c', usage: {input_tokens: 12, output_tokens: 3}},
        {session: 's', conversation: 'c', minute: 1, usage: {input_tokens: 5}},
        {session: 's', conversation: 'c', calls: [call('m1', 10, 1)], usage: {input_tokens: 12}},
      ],
      counts: ['claude/m1 10+1', `clinvk:s:${at(1)} 5+0`],
    },
    'a record that is lost again brings back nothing that was counted by it': {
      turns: [
        {session: 's', conversation: 'c', calls: [call('m1', 10, 1)]},
        {session: 's', conversation: 'c', usage: {input_tokens: 12, output_tokens: 3}},
      ],
      counts: ['claude/m1 10+1'],
    },
    'nor does one that is read after the session was deleted count twice': {
      turns: [
        {session: 's', conversation: 'c', usage: {input_tokens: 12}},
        {conversation: 'c', calls: [call('m1', 10, 1)]},
      ],
      counts: ['claude/m1 10+1'],
    },
    'a turn while it runs is replaced by what it was in the end': {
      turns: [
        {session: 's', usage: {input_tokens: 1}},
        {session: 's', conversation: 'c', usage: {input_tokens: 9}},
      ],
      counts: [`clinvk:s:${at(0)} 9+0`],
    },
    'a turn that used several models has a row of each': {
      turns: [{session: 's', usage: {input_tokens: 9, models: {a: {input_tokens: 4}, b: {input_tokens: 5}}}}],
      counts: [`clinvk:s:${at(0)}:a 4+0`, `clinvk:s:${at(0)}:b 5+0`],
    },
    'a call of which nothing is known is no row, and does not hide what clinvk counted': {
      turns: [
        {session: 's', calls: [{type: 'call', id: 'm1', at: at(0)}], usage: {input_tokens: 4}},
        {session: 's', minute: 1, calls: [call('m2', Number.NaN, 1)]},
      ],
      counts: [`clinvk:s:${at(0)} 4+0`],
    },
  }
  for (const [title, {counts, turns}] of Object.entries(cases)) {
    it(title, async () => {
      await read(...turns)
      assert.deepEqual(counted(), counts)
      rmSync(ledger().path)
      for (const turn of turns) await read(turn)
      assert.deepEqual(counted(), counts, 'read by several processes')
    })
  }

  it('knows the model of a turn that clinvk counted, where the agent did not split its usage', async () => {
    await read(
      {session: 's', model: 'opus', usage: {input_tokens: 9}},
      {session: 's', minute: 1, model: 'opus', usage: {input_tokens: 9, models: {haiku: {input_tokens: 9}}}},
      {session: 's', minute: 2, usage: {input_tokens: 9}},
    )
    const models = [...ledger().rows()].map(({model}) => model)
    assert.deepEqual(models, ['opus', 'haiku', undefined])
  })

  it('gives the calls that a fork has copied to the conversation that made them', async () => {
    const fork: Turn = {
      conversation: 'fork',
      about: {forkedFrom: 'c'},
      calls: [call('m1', 10, 1), call('m2', 1, 1)],
    }
    const parent: Turn = {conversation: 'c', session: 's', calls: [call('m1', 10, 1)]}
    for (const turns of [
      [fork, parent],
      [parent, fork],
    ]) {
      rmSync(ledger().path, {force: true})
      for (const turn of turns) await read(turn)
      const owners = [...ledger().rows()].map(({conversation, key, session}) => [key, conversation, session])
      assert.deepEqual(owners.sort(), [
        ['claude/m1', 'c', 's'],
        ['claude/m2', 'fork', undefined],
      ])
    }
  })

  it('writes nothing where nothing is new, and is for its owner only', async () => {
    const turn = {conversation: 'c', calls: [call('m1', 10, 1)]}
    await read(turn)
    const before = text()
    await read(turn)
    assert.equal(text(), before)
    assert.equal(statSync(ledger().path).mode & 0o777, 0o600)
  })

  it('ignores a torn last line and what is no row, and loses none that follows', async () => {
    await read({conversation: 'c', calls: [call('m1', 10, 1)]})
    appendFileSync(ledger().path, 'null\n{"key":7}\n\u0000\n{"key":"claude/m0","backe')
    await read({conversation: 'c', calls: [call('m2', 20, 2)]})
    assert.deepEqual(counted(), ['claude/m1 10+1', 'claude/m2 20+2'])
  })

  it('is written anew when most of its rows are replaced', async () => {
    for (let output = 1; output < 20; output++)
      await read({conversation: 'c', calls: [call('m1', 10, output)]})
    assert.ok(text().trim().split('\n').length <= 2, text())
    assert.deepEqual(counted(), ['claude/m1 10+19'])
  })
})

interface Turn {
  readonly session?: string
  readonly conversation?: string
  readonly minute?: number
  readonly about?: {readonly forkedFrom: string}
  readonly calls?: readonly ModelCall[]
  readonly usage?: Usage
  readonly model?: string
}

function at(minute: number, second = 0): string {
  return new Date(Date.UTC(2026, 0, 1, 12, minute, second)).toISOString()
}

function call(id: string, inputTokens: number, outputTokens: number): ModelCall {
  return {type: 'call', id, at: at(0, 30), inputTokens, outputTokens}
}
