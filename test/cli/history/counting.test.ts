import assert from 'node:assert/strict'
import Database from 'libsql'
import {CliUser} from '../../support/cli-user.js'
import {ends, ROOT} from '../../support/sandbox.js'

/** A UUID of version 7, as codex names threads by their time. */
const uuid = (second: number) => `019b7930-${(0x1000 + second).toString(16)}-7000-8000-000000000000`
const time = (second: number) => new Date(Date.UTC(2026, 0, 1, 10, 0, second)).toISOString()
const [ONE, TWO] = [uuid(1), uuid(2)]

const claude = (id: string, usage: object, {requestId = `r${id}`, second = 2, ...more} = {}) => ({
  ...{
    type: 'assistant',
    uuid: `u${id}${JSON.stringify(usage)}`,
    timestamp: time(second),
    cwd: '/work',
    requestId,
  },
  ...{message: {id, role: 'assistant', model: 'opus', content: [{type: 'text', text: id}], usage}, ...more},
})
const used = (input: number, output: number, read = 0, write = 0) => ({
  ...{input_tokens: input, output_tokens: output, cache_read_input_tokens: read},
  cache_creation_input_tokens: write,
})
const asked = (second = 1) => ({
  ...{type: 'user', uuid: `u${second}`, timestamp: time(second), cwd: '/work'},
  message: {role: 'user', content: 'one'},
})
const inClaude = (id: string) => `.claude/projects/-work/${id}.jsonl`

const line = (second: number, type: string, payload: object) => ({timestamp: time(second), type, payload})
const meta = (id: string, more = {}) =>
  line(0, 'session_meta', {id, timestamp: time(0), cwd: '/work', ...more})
const turn = (second: number) =>
  line(second, 'turn_context', {turn_id: uuid(second), model: 'gpt', cwd: '/work'})
const counts = (input: number, cached: number, output: number, reasoning: number) => ({
  ...{input_tokens: input, cached_input_tokens: cached},
  ...{output_tokens: output, reasoning_output_tokens: reasoning},
})
const total = (second: number, all: object, last: object = all) =>
  line(second, 'event_msg', {type: 'token_count', info: {total_token_usage: all, last_token_usage: last}})
const record = (second: number, id: string, usage: object, all: object = usage) =>
  line(second, 'token_usage_record', {response_id: id, usage, thread_token_usage: all})
const inCodex = (id: string) => `.codex/sessions/2026/01/01/rollout-2026-01-01T10-00-00-${id}.jsonl`

const HEADER = {sessionId: ONE, projectHash: 'x', startTime: time(0), lastUpdated: time(0), kind: 'main'}
const gemini = (id: string, input: number, output: number, cached = 0, thoughts = 0) => ({
  ...{id, timestamp: time(2), type: 'gemini', content: id, thoughts: [], model: 'pro'},
  tokens: {input, output, cached, thoughts, tool: 0, total: input + output},
})
const question = (id: string) => ({id, timestamp: time(1), type: 'user', content: [{text: id}]})
const inGemini = (id: string) =>
  `.gemini/tmp/project/chats/session-2026-01-01T10-00-${id.slice(0, 8)}${id.slice(-2)}.jsonl`

/** Traps of the agents' records. Files, what they hold, and the calls, input, cached, written, output and reasoning tokens. */
const traps: Record<string, [files: Record<string, readonly object[]>, expected: readonly number[]]> = {
  'blocks of a call, and partial lines of older versions': [
    {[inClaude(ONE)]: [asked(), claude('m1', used(3, 1, 20, 10)), claude('m1', used(3, 1, 20, 9)), claude('m1', used(3, 40)), claude('m2', used(1, 2))]},
    [2, 34, 20, 10, 42, 0],
  ],
  'a fork, which is a copy': [
    {
      [inClaude(ONE)]: [asked(), claude('m1', used(3, 1)), claude('m2', used(5, 1))],
      [inClaude(TWO)]: [asked(), {...claude('m1', used(3, 1)), forkedFrom: {sessionId: ONE}}, claude('m3', used(7, 1), {second: 9})],
    },
    [3, 15, 0, 0, 3, 0],
  ],
  'calls without ids of requests, or with others in a copy': [
    {
      [inClaude(ONE)]: [asked(), claude('m1', used(3, 1), {requestId: undefined}), claude('m2', used(5, 1))],
      [inClaude(TWO)]: [asked(), claude('m2', used(5, 1), {requestId: 'other'})],
    },
    [2, 8, 0, 0, 2, 0],
  ],
  'sub-agents in files of their own': [
    {
      [inClaude(ONE)]: [asked(), claude('m1', used(3, 1))],
      [`.claude/projects/-work/${ONE}/subagents/agent-a1.jsonl`]: [{...asked(2), isSidechain: true, agentId: 'a1'}, claude('m2', used(5, 1), {isSidechain: true, agentId: 'a1'} as object)],
    },
    [2, 8, 0, 0, 2, 0],
  ],
  'repeated totals of codex': [
    {[inCodex(ONE)]: [meta(ONE), turn(1), total(2, counts(10, 4, 5, 2)), total(3, counts(10, 4, 5, 2)), total(4, counts(16, 4, 6, 2), counts(6, 0, 1, 0)), total(5, counts(16, 4, 6, 2), counts(6, 0, 1, 0))]},
    [2, 16, 4, 0, 6, 2],
  ],
  'records of usage beside totals': [
    {[inCodex(ONE)]: [meta(ONE), turn(1), record(2, 'r1', counts(10, 4, 5, 2)), total(2, counts(10, 4, 5, 2)), record(3, 'r2', counts(6, 0, 1, 0), counts(16, 4, 6, 2)), total(3, counts(16, 4, 6, 2), counts(6, 0, 1, 0))]},
    [2, 16, 4, 0, 6, 2],
  ],
  'an old fork of codex, which replays its parent': [
    {
      [inCodex(ONE)]: [meta(ONE), turn(1), total(2, counts(10, 4, 5, 2)), total(3, counts(16, 4, 6, 2), counts(6, 0, 1, 0))],
      [inCodex(TWO)]: [meta(TWO, {forked_from_id: ONE}), meta(ONE), turn(1), total(2, counts(10, 4, 5, 2)), total(3, counts(16, 4, 6, 2), counts(6, 0, 1, 0)), turn(50), total(51, counts(19, 4, 7, 2), counts(3, 0, 1, 0))],
    },
    [3, 19, 4, 0, 7, 2],
  ],
  'messages that gemini writes anew, replaces and takes back': [
    {[inGemini(ONE)]: [HEADER, question('q1'), gemini('m1', 10, 5, 4, 2), {$set: {messages: [question('q1'), gemini('m1', 10, 5, 4, 2)]}}, question('q2'), gemini('m2', 6, 1), {$rewindTo: 'q2'}, question('q3'), gemini('m3', 3, 1)]},
    [3, 19, 4, 0, 9, 2],
  ],
  'a copy of a conversation of gemini': [
    {
      [inGemini(ONE)]: [HEADER, question('q1'), gemini('m1', 10, 5, 4, 2)],
      [inGemini(TWO)]: [{...HEADER, sessionId: TWO}, question('q1'), gemini('m1', 10, 5, 4, 2), question('q2'), gemini('m2', 6, 1)],
    },
    [2, 16, 4, 0, 8, 2],
  ],
} // prettier-ignore

describe('usage counts each call once', () => {
  const user = new CliUser().forEachTest()

  const counted = async (): Promise<number[]> => {
    const words = ['usage', '--by', 'backend', '--since', '2025-12-01', '--json']
    const {stdout} = await ends(user.clinvk(words), {stderr: ''})
    const {calls, ...sums} = (JSON.parse(stdout) as {total: Record<string, number>}).total
    const fields = ['input', 'cached', 'cache_write', 'output', 'reasoning'].map((field) => `${field}_tokens`)
    return [calls!, ...fields.map((field) => sums[field] ?? 0)]
  }

  for (const [title, [files, expected]] of Object.entries(traps)) {
    it(`of ${title}`, async () => {
      for (const [path, lines] of Object.entries(files))
        user.write(path, lines.map((text) => `${JSON.stringify(text)}\n`).join(''))
      assert.deepEqual(await counted(), expected)
      assert.deepEqual(await counted(), expected, 'a second time')
    })
  }

  it('of forks of opencode, which have new ids for everything', async () => {
    const path = user.write('opencode.db', '')
    const database = new Database(path)
    database.exec(`
      create table session (id text primary key, parent_id text, directory text not null, title text not null,
        time_created integer not null, time_updated integer not null);
      create table message (id text primary key, session_id text not null, time_created integer not null,
        time_updated integer not null, data text not null);
      create table part (id text primary key, message_id text not null, session_id text not null,
        time_created integer not null, time_updated integer not null, data text not null);`)
    const tokens = {input: 10, output: 5, reasoning: 2, cache: {read: 4, write: 1}}
    const model = {role: 'assistant', modelID: 'm', providerID: 'p', cost: 0.5, tokens}
    const began = Date.parse(time(0))
    const message = (owner: string, id: string, at: number, data: object) =>
      database
        .prepare('insert into message values (?, ?, ?, ?, ?)')
        .run(`msg_${id}`, owner, at, at, JSON.stringify({...data, time: {created: at}}))
    for (const [id, created] of [
      ['ses_main', began],
      ['ses_fork', began + 9000],
    ] as const) {
      database
        .prepare('insert into session values (?, ?, ?, ?, ?, ?)')
        .run(id, null, '/work', id, created, created)
      message(id, `${id}_1`, began + 1, {role: 'user'})
      message(id, `${id}_2`, began + 2, model)
    }

    message('ses_fork', 'new', began + 9500, model)
    database.close()
    const answer = `
      const Database = require('${ROOT}node_modules/libsql')
      console.log(JSON.stringify(new Database('${path}').prepare(process.argv.at(-1)).all()))`
    const script = user.write('answer.cjs', answer)
    user.installProgram('opencode', `exec node ${script} "$@"`)
    assert.deepEqual(await counted(), [2, 30, 8, 2, 14, 4])
  })
})
