import assert from 'node:assert/strict'
import {existsSync, readFileSync} from 'node:fs'
import {gzipSync} from 'node:zlib'
import {agentFiles} from 'clinvk-kit/turn/agent-files'
import {backendOf} from '../../support/backend-of.js'
import {historyOf, recordText} from '../../support/history-of.js'
import {Sandbox} from '../../support/sandbox.js'

const BEGAN = Date.UTC(2026, 0, 1, 10)
const time = (second: number) => new Date(BEGAN + second * 1000).toISOString()
/** A UUID of version 7 with this time. */
const uuid = (second: number, tail = '0') => {
  const hex = (BEGAN + second * 1000).toString(16).padStart(12, '0')
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-00000000000${tail}`
}
const [ID, FORK] = [uuid(0), uuid(100)]
const place = (id: string, day = '2026/01/01') => `.codex/sessions/${day}/rollout-2026-01-01T10-00-00-${id}.jsonl` // prettier-ignore

const line = (second: number, type: string, payload: unknown) => ({timestamp: time(second), type, payload})
const meta = (id: string, more = {}, second = 0) =>
  line(second, 'session_meta', {id, timestamp: time(second), cwd: '/work', ...more})
const event = (second: number, type: string, more = {}) => line(second, 'event_msg', {type, ...more})
const item = (second: number, type: string, more: object) => event(second, 'item_completed', {item: {type, id: `i${second}`, ...more}}) // prettier-ignore
const user = (second: number, text: string) => item(second, 'UserMessage', {content: [{type: 'text', text}]})
const said = (second: number, text: string) => item(second, 'AgentMessage', {content: [{type: 'Text', text}]})
const turn = (second: number, id = uuid(second)) => line(second, 'turn_context', {turn_id: id, model: 'gpt', cwd: '/work'}) // prettier-ignore
const counts = (input: number, cached: number, output: number, reasoning = 0) => ({
  ...{input_tokens: input, cached_input_tokens: cached},
  ...{output_tokens: output, reasoning_output_tokens: reasoning},
})
type Counts = ReturnType<typeof counts>
const total = (second: number, all: Counts, last?: Counts) => event(second, 'token_count', {info: {total_token_usage: all, last_token_usage: last}}) // prettier-ignore
const record = (second: number, id: string, usage: object, all?: Counts) => line(second, 'token_usage_record', {response_id: id, usage, thread_token_usage: all}) // prettier-ignore
const call = (second: number, id: string, args: unknown, type = 'function_call', name = 'exec_command') => line(second, 'response_item', {type, call_id: id, name, ...(typeof args === 'string' ? {input: args} : {arguments: JSON.stringify(args)})}) // prettier-ignore
const output = (second: number, id: string, output: unknown, type = 'function_call_output') => line(second, 'response_item', {type, call_id: id, output}) // prettier-ignore
/** As codex 0.169 numbers the lines of a thread, and those of its forks after it. */
const numbered = (lines: readonly object[], from = 0) => lines.map((line, index) => ({...line, ordinal: from + index})) // prettier-ignore
const A = [...[turn(1), user(1, 'one'), record(2, 'r1', counts(10, 4, 5, 2), counts(10, 4, 5, 2))], total(2, counts(10, 4, 5, 2)), said(3, 'seen')] // prettier-ignore
const TOLD = ['user: one', 'cost 10/4/5/2', 'assistant: seen']

describe('the history of codex', () => {
  const sandbox = new Sandbox().forEachTest()
  const write = (name: string, ...all: unknown[]) => sandbox.write(name, recordText(all))
  const read = async () => {
    const history = await historyOf('codex', sandbox.home)
    const found = [...(await history.conversations())].sort((a, b) => (a.id < b.id ? -1 : 1))
    const entries = await Promise.all(found.map((one) => history.transcript(one)))
    return {...history, found, entries, told: await Promise.all(found.map((one) => history.lines(one)))}
  }
  const callIds = (entries: Awaited<ReturnType<typeof read>>['entries'][0] = []) =>
    entries.flatMap((entry) => (entry.type === 'call' ? entry.id : []))

  const cases: Record<string, [lines: unknown[], expected: string[]]> = {
    'prompts, answers, thoughts and tools, of which the item is nicer than what the model was told': [
      [
        ...[meta(ID), turn(1), line(1, 'response_item', {type: 'message', role: 'user', content: [{type: 'input_text', text: '<environment_context>'}]})],
        ...[user(1, 'one'), item(2, 'Reasoning', {summary_text: ['hm', 'so']}), call(3, 'c1', {cmd: 'ls'}), call(3, 'c2', '*** Begin Patch\n*** Add File: b\n+b\n', 'custom_tool_call', 'apply_patch')],
        ...[item(4, 'CommandExecution', {id: 'c1', command: ['/bin/bash', '-lc', 'ls'], aggregated_output: 'a b\n', status: 'failed'}), output(4, 'c1', 'Chunk ID: 1\nOutput:\na b\n')],
        ...[item(5, 'FileChange', {id: 'c2', changes: {'/srv/b': {type: 'add'}}, status: 'completed'}), output(5, 'c2', 'Exit code: 0', 'custom_tool_call_output')],
        ...[item(6, 'CommandExecution', {id: 'by-a-script', command: ['/bin/bash', '-lc', 'make'], aggregated_output: 'made', status: 'completed'}), item(6, 'WebSearch', {id: 'w', query: 'how'})],
        ...[said(7, 'done'), line(7, 'response_item', {type: 'message', role: 'assistant', content: [{type: 'output_text', text: 'done'}]})],
      ],
      [
        ...['user: one', 'thinks: hm\n\nso', 'calls exec_command ls', 'calls apply_patch b', 'error: a b\n', 'result: add /srv/b'],
        ...['calls exec_command make', 'result: made', 'calls web_search how', 'result: ', 'assistant: done'],
      ],
    ],
    'what the model was told of tools without an item, such as those that were denied': [
      [
        ...[meta(ID), call(1, 'c1', {cmd: 'ls'}), output(1, 'c1', 'Chunk ID: 1\nProcess exited with code 2\nOutput:\nno')],
        ...[call(2, 'c2', {command: ['bash', '-lc', 'make']}, 'function_call', 'shell'), output(2, 'c2', '{"output":"old","metadata":{"exit_code":1}}')],
        ...[output(3, 'c3', [{type: 'input_text', text: 'a'}, {type: 'input_image', image_url: 'data:x'}]), output(3, 'c4', {content: 'denied', success: false}), output(3, 'c5', 5)],
      ],
      ['calls exec_command ls', 'error: no', 'calls shell make', 'error: old', 'result: a', 'error: denied', 'result: '],
    ],
    'messages of older versions, also where a line tells them again': [
      [
        ...[meta(ID), event(1, 'user_message', {message: '<environment_context>x'}), event(1, 'user_message', {message: 'one'}), user(1, 'one')],
        ...[event(2, 'agent_reasoning', {text: 'hm'}), said(3, 'seen'), event(3, 'agent_message', {message: 'seen'}), said(4, 'seen'), user(5, 'one')],
      ],
      ['user: one', 'thinks: hm', 'assistant: seen', 'assistant: seen', 'user: one'],
    ],
    'calls by their records alone, with what is cached and reasoned inside': [
      [meta(ID), ...A, total(4, counts(10, 4, 5, 2)), record(5, 'r2', {...counts(20, 0, 1), cache_write_input_tokens: 3}), total(5, counts(30, 4, 6, 2))],
      [...TOLD, 'cost 20/0/1/0'],
    ],
    'calls of older versions by what the total grew, however often it is told': [
      [
        ...[meta(ID), user(1, 'one'), total(1, counts(10, 4, 5)), total(2, counts(10, 4, 5)), total(3, counts(10, 4, 7)), total(3, counts(10, 4, 7))],
        ...[event(4, 'token_count', {info: null}), total(5, counts(3, 0, 1), counts(3, 0, 1)), total(6, counts(3, 0, 1), counts(3, 0, 1))],
      ],
      ['user: one', 'cost 10/4/5/0', 'cost 0/0/2/0', 'cost 3/0/1/0'],
    ],
    'what a compaction before a prompt has used with that prompt, and after a task without one': [
      [
        ...[meta(ID), ...A, event(4, 'task_started'), record(5, 'r2', counts(7, 0, 1)), {...line(5, 'compacted', {replacement_history: [user(1, 'one')]})}, user(6, 'two'), event(7, 'task_complete')],
        ...[event(8, 'task_started'), record(8, 'r3', counts(8, 0, 1)), event(8, 'task_complete')],
      ],
      [...TOLD, 'user: two', 'cost 7/0/1/0', 'cost 8/0/1/0'],
    ],
    'what is whole in a record that is torn, empty, binary or of other types': [
      [
        ...['', meta(ID), '{"type":"event_msg","payload"', '\0\u0001"type":"event_msg"', 'null', '[]', '{"type":"event_msg"}', '{"type":"event_msg","payload":[]}', '{"type":"event_msg","__proto__":{"payload":5}}'],
        ...[event(1, 'item_completed', {item: 5}), event(1, 'item_completed', {item: {type: 'UserMessage', content: [null, 5, {type: 'text', text: {}}]}}), event(1, 'user_message', {message: {}})],
        ...[record(1, 'r', {input_tokens: 'x', output_tokens: -1}), event(1, 'token_count', {info: {total_token_usage: {input_tokens: 'x'}}}), line(1, 'turn_context', {model: 5, cwd: {}})],
        ...[item(1, 'CommandExecution', {id: 'c', command: 'x', aggregated_output: 5}), item(1, 'FileChange', {id: 'd', changes: [5, null]}), call(1, 'e', 5), {...user(2, 'kept'), timestamp: 'never', ordinal: 'x'}],
        `{"type":"response_item","payload":{"type":"local_shell_call","call_id":"deep","name":"deep","action":${'['.repeat(100_000)}${']'.repeat(100_000)}}}`,
        ...[`{"type":"event_msg","payload":{"type":"user_message","message":"${'x'.repeat(33 * 1024 * 1024)}"}}`, user(9, '__proto__'), '{"type":"event_msg","payload":{"type":"user_message","message":"torn'],
      ],
      ['calls exec_command ', 'result: ', 'calls apply_patch 0, 1', 'result: change 0\nchange 1', 'calls exec_command "5"', 'user: kept', 'calls deep undefined', 'user: __proto__'],
    ],
  } // prettier-ignore
  for (const [name, [all, expected]] of Object.entries(cases))
    it(`tells ${name}`, async () => {
      write(place(ID), ...all)
      assert.deepEqual((await read()).told, [expected])
    })

  it('reads on from the file of the parent where a fork begins, however many there are, and counts nothing twice', async () => {
    const lines = numbered([meta(ID), ...A, user(50, 'later'), total(50, counts(90, 4, 9, 2))])
    write(place(ID), ...lines)
    const base = {thread_id: ID, end_ordinal_exclusive: A.length + 1}
    const fork = numbered([meta(FORK, {forked_from_id: ID, history_base: base}), turn(101), user(101, 'two'), total(102, counts(13, 4, 6, 2), counts(3, 0, 1))], A.length + 1) // prettier-ignore
    write(place(FORK), ...fork)
    // Without ordinals the byte tells where it ends.
    const [DEEP, bytes] = [uuid(200), Buffer.byteLength(fork.map((line) => `${JSON.stringify(line)}\n`).join(''))] // prettier-ignore
    write(place(FORK), ...fork, user(150, 'not in it'))
    write(place(DEEP), meta(DEEP, {forked_from_id: FORK, history_base: {thread_id: FORK, end_byte_offset: bytes}}), total(201, counts(14, 4, 6, 2))) // prettier-ignore
    const {entries, told} = await read()
    const [parent, before] = [[...TOLD, 'user: later', 'cost 80/0/4/0'], ['user: one', 'assistant: seen', 'user: two']] // prettier-ignore
    assert.deepEqual(told, [parent, [...before, 'cost 3/0/1/0', 'user: not in it'], [...before, 'cost 1/0/0/0']]) // prettier-ignore
    const last = entries[2]!.at(-1)
    assert.deepEqual(last?.type === 'about' && [last.about.parents, last.about.forkedFrom], [[FORK, ID], FORK]) // prettier-ignore
  })

  it('reads a fork whose parent is gone, and forks that go round in a circle', async () => {
    for (const [id, parent, second] of [
      [ID, FORK, 0],
      [FORK, ID, 100],
    ] as const)
      write(place(id), meta(id, {forked_from_id: parent, history_base: {thread_id: parent}}, second), user(second + 1, id)) // prettier-ignore
    assert.deepEqual((await read()).told, [[`user: ${FORK}`, `user: ${ID}`], [`user: ${ID}`, `user: ${FORK}`]]) // prettier-ignore
    // The total goes on from one that is not known.
    write(place(FORK), meta(FORK, {forked_from_id: uuid(7)}), total(101, counts(90, 0, 9), counts(5, 0, 1)), total(102, counts(92, 0, 9), counts(2, 0, 0))) // prettier-ignore
    assert.deepEqual((await read()).told[1], ['cost 2/0/0/0'])
  })

  it('does not count what older versions copied into a fork, also with new times', async () => {
    const old = [turn(1), user(1, 'one'), total(2, counts(10, 4, 5)), said(3, 'seen')]
    const now = (lines: readonly object[]) => lines.map((line) => ({...line, timestamp: time(100)}))
    const own = [turn(101), user(101, 'two'), total(102, counts(11, 4, 5)), meta(FORK, {}, 103), total(104, counts(12, 4, 5))] // prettier-ignore
    const expected = ['user: one', 'assistant: seen', 'user: two', 'cost 1/0/0/0', 'cost 1/0/0/0']
    const first = meta(FORK, {forked_from_id: ID}, 100)
    write(place(FORK), first, ...now([meta(ID), ...old]), ...own)
    assert.deepEqual((await read()).told, [expected])
    // Where nothing names a turn.
    const plain = (lines: readonly {type: string}[]) => lines.filter(({type}) => type !== 'turn_context')
    write(place(FORK), first, ...now([meta(ID), ...plain(old)]), user(105, 'two'), total(106, counts(11, 4, 5))) // prettier-ignore
    assert.deepEqual((await read()).told, [expected.slice(0, -1)])
  })

  it('has of a sub-agent what it said and used, without what it was asked', async () => {
    const source = {subagent: {thread_spawn: {parent_thread_id: ID, agent_nickname: 'Ada'}}}
    write(place(ID), meta(ID, {source, forked_from_id: FORK, parent_thread_id: FORK}), turn(1), user(1, 'sub work'), total(2, counts(9, 0, 1), counts(9, 0, 1)), said(3, 'sub done')) // prettier-ignore
    assert.deepEqual((await read()).told, [['Ada> cost 9/0/1/0', 'Ada> assistant: sub done']])
  })

  it('has what sub-agents did in threads of their own when they did it, for who asks for these', async () => {
    const [ada, bob, other, late] = [uuid(3, '1'), uuid(4, '2'), uuid(5, '3'), uuid(1e9, '4')]
    const spawned = (by: string, name: string) => ({source: {subagent: {thread_spawn: {parent_thread_id: by, agent_nickname: name}}}}) // prettier-ignore
    const main = write(place(ID), meta(ID), turn(1), user(1, 'one'), said(2, 'I ask Ada.'), said(8, 'Done.'), event(9, 'task_complete'), user(20, 'two'), said(22, 'Yes.')) // prettier-ignore
    const paths = [
      write(place(ada, '2026/01/02'), meta(ada, spawned(ID, 'Ada'), 3), turn(3), user(3, 'sub work'), said(4, 'Bob helps.'), record(7, 'r2', counts(9, 0, 1)), said(7, 'sub done'), said(21, 'late')),
      write(place(bob), meta(bob, spawned(ada, 'Bob'), 4), turn(4), said(5, 'helped')),
    ] // prettier-ignore
    write(place(other), meta(other, spawned(FORK, 'Eve'), 5), turn(5), said(5, 'no'))
    write(place(late), meta(late, spawned(ID, 'Zoe'), 1e9), turn(1e9), said(1e9, 'after the last change'))
    write(place(uuid(6, '5')), 'torn')
    const {found, lines, withSubAgents} = await read()
    assert.deepEqual(found[0]?.paths, [main], 'of all none is opened')
    const asked = await withSubAgents(found[0])
    assert.deepEqual(asked.paths, [main, ...paths])
    assert.deepEqual(await lines(asked), ['user: one', 'assistant: I ask Ada.', 'Ada> assistant: Bob helps.', 'Bob> assistant: helped', 'Ada> cost 9/0/1/0', 'Ada> assistant: sub done', 'assistant: Done.', 'user: two', 'Ada> assistant: late', 'assistant: Yes.']) // prettier-ignore
    const [about] = (await (await read()).transcript(asked)).flatMap((entry) =>
      entry.type === 'about' ? entry.about : [],
    )
    assert.equal(about?.forkedFrom, undefined)
  })

  it('is found by its id in any folder, archived, and compressed', async () => {
    const ids = ['1', '2', '3', '4'].map((tail) => uuid(0, tail)) as [string, string, string, string]
    const names = [place(ids[0], '2026/01/02'), place(ids[1], '2020/05/05'), place(ids[2]).replace(/sessions.*(?=rollout)/, 'archived_sessions/')] // prettier-ignore
    const paths = names.map((name, index) => write(name, meta(ids[index]!), ...A))
    const text = [meta(ids[3]), ...A].map((line) => JSON.stringify(line)).join('\n')
    const packed = sandbox.write(`${place(ids[3])}.zst`, gzipSync(text))
    // While codex compresses a file, both are there.
    write(`${names[0]!}.zst`, '')
    write(place('not-an-id'), meta('not-an-id'))
    write('.codex/session_index.jsonl', {id: ids[0], thread_name: 'Older'}, '{', {id: ids[0], thread_name: 'Mine'}, {id: 5}) // prettier-ignore
    const {conversations, found, told} = await read()
    assert.deepEqual(told, ids.map(() => TOLD)) // prettier-ignore
    assert.deepEqual(found.map(({paths}) => paths), [...paths, packed].map((path) => [path])) // prettier-ignore
    assert.deepEqual(found.map(({about}) => about?.title), ['Mine', undefined, undefined, undefined]) // prettier-ignore
    for (const [index, id] of ids.entries())
      assert.deepEqual(await conversations({id, cwd: '/'}), [found[index]])
    for (const id of ['', '.', '..', ids[0].slice(0, 8), 'sessions', `../${ids[0]}`, 'not-an-id', uuid(9)])
      assert.deepEqual(await conversations({id, cwd: '/'}), [], id)
  })

  it('knows directory, times and the total of a thread', async () => {
    write(place(ID), meta(ID), ...A, {...turn(7), payload: {cwd: '/elsewhere'}})
    const told = {type: 'about', about: {cwd: '/elsewhere', startedAt: time(0), updatedAt: time(7), parents: [], state: {total: counts(10, 4, 5, 2)}}} // prettier-ignore
    assert.deepEqual(JSON.parse(JSON.stringify((await read()).entries[0]!.at(-1))), told)
    assert.deepEqual(callIds((await read()).entries[0]), ['r1'])
  })

  it('keeps the file that a fork goes on from, and says so', async () => {
    const path = write(place(ID), meta(ID), ...A)
    write(place(FORK), meta(FORK, {forked_from_id: ID, history_base: {thread_id: ID}}))
    const {backend, directories = []} = await backendOf('codex')
    const forget = (id: string) => backend.forget!({id, cwd: '/'}, agentFiles(directories, sandbox.env))
    const neededBy = (id: string) => backend.neededBy!({id, cwd: '/'}, agentFiles(directories, sandbox.env))
    assert.deepEqual([await neededBy(ID), await neededBy(FORK)], [[FORK], []])
    const {removed, stays} = await forget(ID)
    assert.deepEqual(removed, [])
    assert.match(stays ?? '', new RegExp(FORK))
    assert.match(readFileSync(path, 'utf8'), /one/)
    await forget(FORK)
    assert.deepEqual((await forget(ID)).removed, [path])
    assert.equal(existsSync(path), false)
  })
})
