import assert from 'node:assert/strict'
import {utimesSync} from 'node:fs'
import {historyOf, recordText} from '../../support/history-of.js'
import {Sandbox} from '../../support/sandbox.js'

const ID = '759bf483-1111-4222-8333-444455556666'
const FORK = '11112222-1111-4222-8333-444455556666'
const CWD = '/home/ada/project'
const MAIN = `.claude/projects/-home-ada-project/${ID}`

const time = (second: number) => new Date(Date.UTC(2026, 0, 1, 10, 0, second)).toISOString()
let lines = 0
const line = (type: string, second: number, message: object, more = {}) => ({
  ...{type, uuid: `u${++lines}`, timestamp: time(second), sessionId: ID, cwd: CWD, message},
  ...more,
})
const user = (second: number, content: unknown, more = {}) =>
  line('user', second, {role: 'user', content}, more)
const model = (second: number, id: string | undefined, content: unknown, usage?: object, more = {}) =>
  line('assistant', second, {id, model: 'opus', content: [content], usage}, more)
const text = (text: string) => ({type: 'text', text})
const used = (input: number, output: number, read = 0, write = 0) => ({
  ...{input_tokens: input, output_tokens: output, cache_read_input_tokens: read},
  cache_creation_input_tokens: write,
})
const bash = {type: 'tool_use', id: 't1', name: 'Bash', input: {command: 'ls'}}
const result = (content: unknown, more = {}) => [{type: 'tool_result', tool_use_id: 't1', content, ...more}]
const own = (content: string) => line('assistant', 3, {id: 'x', model: '<synthetic>', content: [text(content)], usage: used(0, 0)}) // prettier-ignore
const command = (name: string, args = '') =>
  `<command-name>${name}</command-name>\n<command-message>x</command-message>\n<command-args>${args}</command-args>`

const ONE = user(1, 'one')
const SEEN = model(5, 'm9', text('seen'), used(1, 1))
const TURN = ['user: one', 'assistant: seen', 'cost 1/0/1/undefined']

describe('the history of claude', () => {
  const sandbox = new Sandbox().forEachTest()
  const write = (name: string, ...all: unknown[]) => sandbox.write(name, recordText(all))
  const read = async () => {
    const history = await historyOf('claude', sandbox.home)
    const found = await history.conversations()
    const entries = await Promise.all(found.map((one) => history.transcript(one)))
    return {...history, found, entries, told: await Promise.all(found.map((one) => history.lines(one)))}
  }

  const cases: Record<string, [lines: unknown[], expected: string[]]> = {
    'a call whose blocks are lines of their own once, with the largest of each count': [
      [
        ...[ONE, model(2, 'm1', {type: 'thinking', thinking: 'hm'}, used(3, 1, 20, 10)), model(2, 'm1', text('Looking.'), used(3, 1, 20, 9))],
        ...[model(3, 'm1', bash, used(3, 40)), user(4, result('a b'), {toolUseResult: {}}), model(4, 'm1', {...bash, id: 't2'}, used(3, 9, 20, 10)), SEEN],
      ],
      ['user: one', 'thinks: hm', 'assistant: Looking.', 'calls Bash ls', 'result: a b', 'calls Bash ls', 'cost 33/20/40/undefined', 'assistant: seen', 'cost 1/0/1/undefined'],
    ],
    'calls without an id by the one of their request, or by their line': [
      [model(1, undefined, text('a'), used(1, 1), {requestId: 'r1'}), model(2, undefined, text('b'), used(1, 2), {requestId: 'r1'}), model(3, undefined, text('c'), used(1, 3)), model(4, undefined, text('d'), used(1, 4))],
      ['assistant: a', 'assistant: b', 'cost 1/0/2/undefined', 'assistant: c', 'cost 1/0/3/undefined', 'assistant: d', 'cost 1/0/4/undefined'],
    ],
    'what claude says itself without a cost, and only errors': [
      [ONE, own('No response requested.'), {...own('API Error: 400'), isApiErrorMessage: true}, SEEN],
      ['user: one', 'assistant: API Error: 400', ...TURN.slice(1)],
    ],
    'no prompts that claude writes in the name of the user, and of commands those that the model answers': [
      [
        ...[user(1, 'meta', {isMeta: true}), user(1, 'A summary.', {isCompactSummary: true}), user(1, 'x', {toolUseResult: 'x'})],
        ...[user(1, command('/model')), user(1, '<local-command-stdout>Set.</local-command-stdout>'), own('No response requested.')],
        ...[user(1, '[Request interrupted by user]'), user(1, [text('<system-reminder>x')]), user(1, ' \n')],
        ...[user(1, command('/review', 'src ')), user(1, 'All of its prompt.', {isMeta: true}), SEEN, user(6, ' /cost of living'), user(7, [text('see'), {type: 'image', source: {data: 'x'}}])],
      ],
      ['user: /review src', ...TURN.slice(1), 'user: /cost of living', 'user: see\n\n[image]'],
    ],
    'lines that a compaction has written again only once': [
      [ONE, SEEN, {type: 'system', subtype: 'compact_boundary', timestamp: time(6)}, ONE, SEEN, user(7, 'two')],
      [...TURN, 'user: two'],
    ],
    'sub-agents of older versions, which stand in the same file': [
      [ONE, user(2, 'sub work', {isSidechain: true, agentId: 'a'}), model(3, 'm2', text('sub done'), used(2, 2), {isSidechain: true, agentId: 'a'}), SEEN],
      ['user: one', 'a> assistant: sub done', 'assistant: seen', 'a> cost 2/0/2/undefined', 'cost 1/0/1/undefined'],
    ],
    'what tools gave, in parts, and errors': [
      [user(1, result([text('a'), {type: 'image', source: {data: 'x'}}, text('b'), null, 5])), user(2, result(undefined, {is_error: true})), user(3, result({x: 1}))],
      ['result: ab', 'error: ', 'result: '],
    ],
    'what is whole in a record that is torn, empty, binary or of other types': [
      [
        ...['', '{"type":"user","mess', '\0\u0001\uFFFD"type":"user"', 'null', '[{"type":"user"}]', '{"type":"user"}', '{"__proto__":{"type":"user"}}'],
        ...[line('user', 1, {content: 5}), line('user', 1, {content: [null, 5, {}, {type: 5}, {type: 'text', text: {}}]}), line('assistant', 1, {content: 'x', usage: 'x'})],
        ...[line('assistant', 1, {id: 5, model: {}, content: [{...text('odd'), id: 7}], usage: {input_tokens: 'x', output_tokens: -1}}), {...user(1, 'kept'), uuid: {}, timestamp: 5, cwd: [], isMeta: 'no'}],
        `{"type":"assistant","timestamp":"never","message":{"content":[{"type":"tool_use","id":"d","name":"deep","input":${'['.repeat(100_000)}${']'.repeat(100_000)}}]}}`,
        ...[`{"type":"user","message":{"content":"${'x'.repeat(33 * 1024 * 1024)}"}}`, user(9, '__proto__', {uuid: '__proto__'}), '{"type":"user","message":{"content":"torn'],
      ],
      ['assistant: x', 'assistant: odd', 'user: kept', 'calls deep undefined', 'user: __proto__'],
    ],
  } // prettier-ignore
  for (const [name, [all, expected]] of Object.entries(cases))
    it(`tells ${name}`, async () => {
      write(`${MAIN}.jsonl`, ...all)
      assert.deepEqual((await read()).told, [expected])
    })

  it('dates a call by its first line, and tells writes to the cache for 5 minutes and for an hour', async () => {
    const usage = {...used(3, 4, 20, 10), cache_creation: {ephemeral_1h_input_tokens: 7}}
    write(`${MAIN}.jsonl`, ONE, model(2, 'm1', text('a'), usage), model(9, 'm1', bash, usage))
    const [entries] = (await read()).entries
    const counts = {inputTokens: 33, cachedTokens: 20, cacheWriteTokens: 3, cacheWrite1hTokens: 7, outputTokens: 4} // prettier-ignore
    const found = entries?.find(({type}) => type === 'call')
    const call = {type: 'call', id: 'm1', at: time(2), model: 'opus', ...counts}
    assert.deepEqual(JSON.parse(JSON.stringify(found)), call)
  })

  it('has what sub-agents said where they said it, and no copies that a side question begins with', async () => {
    const answer = model(9, 'm8', text('all done'), used(5, 5))
    const later = [user(8, result('sub')), answer, user(20, 'two')]
    write(`${MAIN}.jsonl`, ONE, model(2, 'm1', bash, used(1, 1)), ...later)
    // Its lines carry the id of the conversation that began it.
    const sub = (id: string, ...all: object[]) => write(`${MAIN}/subagents/${id}.jsonl`, ...all)
    sub('agent-b', user(4, 'sub work'), model(5, 's2', text('b'), used(2, 2)))
    sub('flow/agent-a', user(3, 'sub work'), model(4, 's1', bash, used(3, 3)), user(6, result('x')))
    sub(
      'agent-btw',
      {...answer, uuid: 'copy', requestId: 'other'},
      {...answer, uuid: 'copy of its next block', requestId: 'other'},
      model(30, 's3', text('aside'), used(4, 4)),
    )
    write(`${MAIN}/subagents/flow/journal.jsonl`, user(4, 'no sub-agent'))
    const {found, told} = await read()
    assert.equal(found[0]?.paths.length, 4)
    assert.deepEqual(told, [
      [
        ...['user: one', 'calls Bash ls', 'a> calls Bash ls', 'b> assistant: b', 'a> result: x', 'result: sub'],
        ...['cost 1/0/1/undefined', 'assistant: all done', 'a> cost 3/0/3/undefined'],
        ...['b> cost 2/0/2/undefined', 'cost 5/0/5/undefined', 'user: two', 'btw> assistant: aside', 'btw> cost 4/0/4/undefined'],
      ],
    ]) // prettier-ignore
  })

  it('counts what a fork has copied by the same calls, also where the copy says 0', async () => {
    write(`${MAIN}.jsonl`, ONE, SEEN)
    const zero = {...SEEN, message: {...SEEN.message, id: 'm7', usage: used(0, 0)}}
    const name = MAIN.replace(ID, FORK)
    write(`${name}.jsonl`, zero, {...ONE, forkedFrom: {sessionId: ID}}, {...SEEN, uuid: 'v'}, user(7, 'two'))
    const {entries, found} = await read()
    const calls = (index: number) =>
      entries[index]!.flatMap((entry) => (entry.type === 'call' ? entry.id : []))
    assert.deepEqual([calls(0), calls(1)], [['m9'], ['m9']]) // prettier-ignore
    const about = entries[found.findIndex(({id}) => id === FORK)]!.flatMap((entry) => (entry.type === 'about' ? entry.about : [])) // prettier-ignore
    assert.equal(about.at(-1)?.forkedFrom, ID)
  })

  it('is found by id and directory, elsewhere too, and of copies the longest', async () => {
    const path = write(`${MAIN}.jsonl`, ONE, SEEN)
    write(`.claude/projects/-old/${ID}.jsonl`, ONE)
    write(`.claude/projects/-old/${FORK}.jsonl`, ONE)
    write(`.claude/projects/-old/${ID}/tool-results/${FORK}.jsonl`, ONE)
    write('.claude/projects/-old/not-an-id.jsonl', ONE)
    const {conversations, found} = await read()
    assert.deepEqual(found.map(({id, paths}) => [id, paths.length]).sort(), [[FORK, 1], [ID, 1]]) // prettier-ignore
    const paths = async (id: string, cwd: string) => (await conversations({id, cwd})).map(({paths}) => paths[0]) // prettier-ignore
    assert.deepEqual(await paths(ID, CWD), [path])
    assert.deepEqual(await paths(ID, '/elsewhere'), [path])
    assert.deepEqual(await paths(ID, '/old'), [path.replace('-home-ada-project', '-old')])
    for (const id of ['', '.', '..', ID.slice(0, 8), 'projects', `../-old/${ID}`, 'not-an-id'])
      assert.deepEqual(await paths(id, CWD), [], id)
  })

  it('knows directory, title and times', async () => {
    const titles = [
      {type: 'custom-title', customTitle: 'Mine', sessionId: ID},
      {type: 'ai-title', aiTitle: 'Better', sessionId: ID},
      {type: 'summary', summary: 'A summary', leafUuid: 'x'},
    ]
    for (const [title, all] of [
      ['Mine', titles],
      ['Better', titles.slice(1)],
      ['A summary', titles.slice(2)],
      [undefined, []],
    ] as const) {
      write(`${MAIN}.jsonl`, ...all, ONE, {...SEEN, cwd: '/home/ada/project/src'})
      const about = (await read()).entries[0]!.at(-1)
      const told = {cwd: CWD, startedAt: time(1), updatedAt: time(5), ...(title && {title})}
      assert.deepEqual(JSON.parse(JSON.stringify(about)), {type: 'about', about: told})
    }
  })

  it('says when claude will delete a conversation, by its settings', async () => {
    const path = write(`${MAIN}.jsonl`, ONE)
    utimesSync(path, 1_000_000, 1_000_000)
    const {deletedAt, found} = await read()
    const settings: [text: string | undefined, days?: number][] = [
      [undefined, 30], ['{}', 30], ['{"cleanupPeriodDays": 3650}', 3650], ['{"cleanupPeriodDays": 0}'],
      ['{"cleanupPeriodDays": 1e300}'], ['{"cleanupPeriodDays": "7"}', 30], ['{', 30], ['\0', 30],
    ] // prettier-ignore
    for (const [text, days] of settings) {
      if (text !== undefined) sandbox.write('.claude/settings.json', text)
      const expected = days && new Date(1_000_000_000 + days * 86_400_000).toISOString()
      assert.equal(await deletedAt(found[0]!), expected, text)
    }
  })
})
