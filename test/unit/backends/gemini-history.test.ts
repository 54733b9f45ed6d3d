import assert from 'node:assert/strict'
import {createHash} from 'node:crypto'
import {appendFileSync} from 'node:fs'
import {join} from 'node:path'
import {agentFiles} from 'clinvk-kit/turn/agent-files'
import {backendOf} from '../../support/backend-of.js'
import {historyOf} from '../../support/history-of.js'
import {Sandbox} from '../../support/sandbox.js'

const ID = '759bf483-1111-4222-8333-444455556666'
const TWIN = '759bf483-9999-4222-8333-444455556666'
const HEADER = {sessionId: ID, projectHash: 'x', startTime: time(0), lastUpdated: time(0), kind: 'main'}

/** A time of the day on which all of this happens. */
function time(second: number): string {
  return new Date(Date.UTC(2026, 0, 1, 10, 0, second)).toISOString()
}

const user = (id: string, second: number, text: string, more = {}) => ({
  ...{id, timestamp: time(second), type: 'user', content: [{text}]},
  ...more,
})
const model = (id: string, second: number, text: string, more = {}) => ({
  ...{id, timestamp: time(second), type: 'gemini', content: text, thoughts: [], model: 'pro'},
  ...more,
})
const cost = (input: number, output: number, cached = 0, thoughts = 0) => ({
  tokens: {input, output, cached, thoughts, tool: 0, total: input + output},
})
const response = (output: unknown, id = 'c1') => ({
  functionResponse: {id, name: 'shell', response: {output}},
})
const call = (output?: unknown, status = 'success') => ({
  ...{id: 'c1', name: 'shell', args: {command: 'ls'}, status, timestamp: time(3)},
  ...(output !== undefined && {result: [response(output)]}),
})
const answered = (id: string, second: number, content: unknown) => ({
  ...{id, timestamp: time(second), type: 'user', content},
})

const CONTEXT = user('m0', 0, '<session_context>\nToday is a day.')
const ONE = user('m1', 1, 'one')
const LOOKS = model('m2', 2, 'Looking.', {
  ...cost(10, 5, 4, 2),
  thoughts: [{subject: 'S', description: 'hm'}],
})
const LOOKED = {...LOOKS, toolCalls: [call('a b')]}
const SEEN = model('m4', 4, 'seen', cost(20, 1))
const TURN_ONE = ['user: one', 'thinks: S: hm', 'assistant: Looking.', 'calls shell ls', 'result: a b']
const COST_ONE = 'cost 10/4/7/2'
const FIRST = [...TURN_ONE, COST_ONE, 'assistant: seen', 'cost 20/0/1/0']

describe('the history of gemini', () => {
  const sandbox = new Sandbox().forEachTest()
  const write = (name: string, ...lines: unknown[]) =>
    sandbox.write(
      `.gemini/tmp/${name}`,
      lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'),
    )
  const MAIN = 'project/chats/session-2026-01-01T10-00-759bf483.jsonl'
  const read = async () => {
    const history = await historyOf('gemini', sandbox.home)
    const found = await history.conversations()
    return {...history, found, lines: await Promise.all(found.map((one) => history.lines(one)))}
  }

  const cases: Record<string, [lines: unknown[], expected: string[]]> = {
    'a message that is written again when its tool has run, with the first time and cost': [
      [CONTEXT, ONE, LOOKS, {...LOOKED, timestamp: time(9), tokens: null}, answered('m3', 3, [response('a b')]), SEEN],
      [...TURN_ONE.slice(0, 3), COST_ONE, ...TURN_ONE.slice(3), ...FIRST.slice(TURN_ONE.length + 1)],
    ],
    'what a resume writes anew, parts of thoughts and calls among it, only once': [
      [
        ...[CONTEXT, ONE, LOOKED, answered('m3', 3, [response('a b')]), SEEN],
        {$set: {messages: [CONTEXT, ONE, {...LOOKED, content: [{text: 'hm', thought: true}, {text: 'Looking.'}, {functionCall: {id: 'c1', name: 'shell', args: {}}}]}, answered('m2_response', 8, [response('a b')]), SEEN]}},
        user('m5', 5, 'two'),
        model('m6', 6, 'more', cost(30, 2)),
      ],
      [...FIRST, 'user: two', 'assistant: more', 'cost 30/0/2/0'],
    ],
    'what was taken back, which was said and has cost': [
      [ONE, LOOKED, SEEN, user('m5', 5, 'two'), {$rewindTo: 'm5'}, {$set: {messages: [ONE]}}, user('m7', 7, 'three')],
      [...FIRST, 'user: two', 'user: three'],
    ],
    'no words that gemini writes in the name of the user, and no commands of its own': [
      [
        ...[CONTEXT, user('a', 1, '<hook_context>x'), user('b', 1, '/clear'), user('c', 1, '? help'), user('d', 1, ' ')],
        ...[user('e', 1, '<state_snapshot>x'), model('f', 1, 'Got it. Thanks for the additional context!')],
        ...[user('g', 1, 'Please continue.'), answered('h', 1, [response('x', 'c9'), {text: 'hint'}])],
        ...[{id: 'i', type: 'info', content: 'x'}, user('j', 1, 'Please continue. Now.'), user('k', 1, '\u200B/two')],
      ],
      ['result: x', 'user: Please continue. Now.', 'user: /two'],
    ],
    'results of tools that failed, were stopped or have not ended': [
      [
        model('a', 1, '', {toolCalls: [{...call(undefined, 'cancelled'), id: 'c2'}, {...call(), status: 'executing', id: 'c3'}]}),
        model('b', 1, '', {toolCalls: [{...call(), id: 'c1', status: 'error', result: [{functionResponse: {id: 'c1', response: {error: 'no'}}}]}]}),
      ],
      ['calls shell ls', 'calls shell ls', 'error: ', 'calls shell ls', 'error: no'],
    ],
    'nothing of calls that failed, for which gemini writes zeros': [[ONE, model('x', 2, 'oh', cost(0, 0))], ['user: one', 'assistant: oh']],
    'what is whole in a record that is torn, empty, binary or of other types': [
      [
        ...['', '{"id":"z","type":"us', '\0\u0001\uFFFD', 'null', '[]', '5', '{"id":{},"type":"user"}', '{"__proto__":{"id":"p","type":"user"}}'],
        ...[{$set: 5}, {$set: {messages: {}}}, {$set: {messages: [null, 5, []]}}, {messages: 'x'}, {$rewindTo: {}}],
        ...[{id: 'a', type: 'user', content: 5}, {id: 'b', type: 'user', timestamp: 'never', content: [null, {text: {}}, {text: 'kept'}]}],
        {id: 'c', type: 'gemini', content: {}, thoughts: {}, toolCalls: [null, {}, {id: 1, name: 2}], tokens: 'x', model: {}},
        {id: 'd', type: 'gemini', timestamp: 1e300, content: null, thoughts: [null, 5, {subject: []}], tokens: {input: -1, output: 'x', cached: 1.5}},
        model('e', 1, 'odd', {toolCalls: [{...call([1, null]), args: null}], tokens: {input: 3}}),
        `{"id":"f","type":"gemini","toolCalls":[{"id":"c2","name":"deep","args":${'['.repeat(100_000)}${']'.repeat(100_000)},"result":[{"functionResponse":{"id":"c2","response":${'['.repeat(100_000)}${']'.repeat(100_000)}}}]}]}`,
        model('__proto__', 2, 'still', {toolCalls: [{...call('x'), id: '__proto__'}]}),
      ],
      ['user: kept', 'assistant: odd', 'calls shell null', 'result: [1,null]', 'cost 3/0/0/0'],
    ],
  } // prettier-ignore
  for (const [name, [lines, expected]] of Object.entries(cases))
    it(`tells ${name}`, async () => {
      write(MAIN, HEADER, ...lines)
      const {lines: told} = await read()
      assert.deepEqual(told[0]?.slice(0, expected.length), expected)
      if (!name.includes('torn')) assert.equal(told[0].length, expected.length, told[0].join('\n'))
      else assert.deepEqual(told[0].slice(-3), ['assistant: still', 'calls shell ls', 'result: x'])
    })

  it('is one conversation for each whole id, over all its files, also legacy ones', async () => {
    const legacy = {...HEADER, startTime: time(0), messages: [CONTEXT, ONE, LOOKED]}
    write('project/chats/session-2026-01-01T10-00-759bf483.json', JSON.stringify(legacy, null, 2))
    write(MAIN, HEADER, ONE, {...LOOKED, tokens: null}, SEEN)
    write('project/chats/session-2026-01-01T10-05-759bf483.jsonl', HEADER, {$set: {messages: [CONTEXT]}})
    write('project/chats/session-2026-01-01T10-06-759bf483.jsonl', {...HEADER, sessionId: TWIN}, ONE)
    write('project/chats/session-2026-01-01T10-07-759bf483.jsonl', {...HEADER, sessionId: '../../x'}, ONE)
    write('project/chats/session-2026-01-01T10-08-759bf483.jsonl', '')
    const {conversations, found, lines} = await read()
    assert.deepEqual(
      found.map(({id, paths}) => [id, paths.length]),
      [[ID, 3], [TWIN, 1]], // prettier-ignore
    )
    assert.deepEqual(lines, [FIRST, ['user: one']])
    for (const id of ['', '.', '..', '759bf483', '../../x', 'chats', 'none'])
      assert.deepEqual(await conversations({id, cwd: '/'}), [], id)
    assert.deepEqual(await conversations({id: TWIN, cwd: '/'}), found.slice(1))
  })

  it('has what sub-agents said where they said it, without what they were asked', async () => {
    write(MAIN, HEADER, ONE, LOOKED, SEEN, user('m9', 9, 'two'))
    const asked = [user('s1', 3, 'sub work'), model('s2', 3, 'sub done', cost(7, 1))]
    const path = write(`project/chats/${ID}/helper-1.jsonl`, {...HEADER, sessionId: 'helper-1'}, ...asked)
    const {found, lines} = await read()
    assert.equal(found[0]?.paths[1], path)
    const [before, after] = [
      [...TURN_ONE, COST_ONE],
      ['assistant: seen', 'cost 20/0/1/0', 'user: two'],
    ]
    assert.deepEqual(lines, [
      [...before, 'helper-1> assistant: sub done', 'helper-1> cost 7/0/1/0', ...after],
    ])
  })

  it('counts a copy of a conversation under another id by the same calls', async () => {
    write(MAIN, HEADER, ONE, LOOKED, SEEN)
    const copy = {...HEADER, sessionId: '11112222-1111-4222-8333-444455556666'}
    write('project/chats/session-2026-01-01T10-00-11112222.jsonl', copy, ONE, LOOKED, SEEN)
    const {found, transcript} = await read()
    const calls = await Promise.all(
      found.map(async (one) =>
        (await transcript(one)).flatMap((entry) => (entry.type === 'call' ? entry.id : [])),
      ),
    )
    assert.deepEqual(calls, [['m2', 'm4'], ['m2', 'm4']]) // prettier-ignore
  })

  const id = '11112222-1111-4222-8333-444455556666'
  const quoted = user('m5', 5, `"sessionId":"${ID}" in\u2028two`)
  const legacy = {...HEADER, messages: [ONE, SEEN]}
  for (const [name, ending, cwd, lines, copied] of [
    [
      'its lines',
      '.jsonl',
      '/a',
      [HEADER, ONE, LOOKED, '{"torn', {$set: {sessionId: ID, summary: 'S'}}, SEEN, quoted],
      [
        {...HEADER, sessionId: id},
        ONE,
        LOOKED,
        '{"torn',
        {$set: {sessionId: id, summary: 'S'}},
        SEEN,
        quoted,
      ],
    ],
    ['a legacy one', '.json', '/b', [JSON.stringify(legacy, undefined, 2)], [{...legacy, sessionId: id}]],
  ] as [string, string, string, unknown[], unknown[]][])
    // prettier-ignore
    it(`is copied for the directory that is asked for, as one that was just used: ${name}`, async () => {
      // What a move, a start in another minute and a sub-agent have left.
      write('a/.project_root', '/a')
      write('a/chats/session-2026-01-01T10-00-759bf483.jsonl', HEADER, ONE)
      write('b/.project_root', '/b')
      write('b/chats/session-2026-01-01T10-05-759bf483.jsonl', HEADER, CONTEXT)
      write(`b/chats/${ID}/helper.jsonl`, {...HEADER, kind: 'subagent'}, user('s1', 3, 'sub'))
      write(`b/chats/session-2026-01-01T10-00-759bf483${ending}`, ...lines)
      const {backend, directories = []} = await backendOf('gemini')
      const files = agentFiles(directories, {HOME: sandbox.home})
      const ask = () => Promise.resolve(undefined)
      const [found] = await backend.history!.conversations(files, ask, {id: ID, cwd})
      const copy = await backend.history!.copy!(found!, id, files)
      const told: string[] = []
      for await (const line of copy.lines) told.push(line)
      const {$set} = JSON.parse(told.pop()!) as {$set: {lastUpdated: string}}
      assert.ok(Date.now() - Date.parse($set.lastUpdated) < 60_000)
      // Gemini takes this character for the end of a line.
      assert.ok(!told.some((line) => line.includes('\u2028')))
      const values = told.map((line) => (line === '{"torn' ? line : (JSON.parse(line) as unknown)))
      assert.deepEqual(values, copied)
      assert.match(copy.path ?? '', RegExp(`/tmp${cwd}/chats/session-[^/]*-11112222\\.jsonl$`))
    })

  it('knows directory, title, times, and whether there is something to resume', async () => {
    const hash = createHash('sha256').update('/by/hash').digest('hex')
    sandbox.write('.gemini/projects.json', JSON.stringify({projects: {'/by/name': 'slug', '/by/hash': hash}}))
    sandbox.write('.gemini/tmp/project/.project_root', '/home/ada/project')
    const title = {$set: {summary: 'A title', lastUpdated: time(30)}}
    write(MAIN, HEADER, ONE, {$set: {summary: 'Older'}}, title)
    for (const [folder, id] of [
      ['slug', '22222222'],
      [hash, '33333333'],
      ['none', '44444444'],
    ])
      // prettier-ignore
      write(`${folder}/chats/session-2026-01-01T10-00-${id}.jsonl`, {...HEADER, sessionId: id}, ONE, {
        $rewindTo: 'm1',
      })
    const {found, transcript} = await read()
    const abouts = await Promise.all(found.map(async (one) => (await transcript(one)).at(-1)))
    const about = (cwd?: string) => ({title: undefined, cwd, startedAt: time(0), updatedAt: time(0)})
    assert.deepEqual(Object.fromEntries(found.map(({id}, index) => [id, abouts[index]])), {
      [ID]: {
        type: 'about',
        about: {...about('/home/ada/project'), title: 'A title', updatedAt: time(30), state: null},
      },
      22222222: {type: 'about', about: {...about('/by/name'), state: undefined}},
      33333333: {type: 'about', about: {...about('/by/hash'), state: undefined}},
      44444444: {type: 'about', about: {...about(), state: undefined}},
    })
    assert.deepEqual(
      found.map((one) => one.about?.cwd).sort(),
      ['/by/hash', '/by/name', '/home/ada/project', undefined], // prettier-ignore
    )
  })

  it('says when gemini will delete a conversation, by its settings, and a renewal puts that off', async () => {
    const path = write(MAIN, HEADER, ONE, `${JSON.stringify({$set: {lastUpdated: time(30)}})}\n`)
    const {deletedAt, found, renewal} = await read()
    const days = (count: number) => new Date(Date.parse(time(30)) + count * 86_400_000).toISOString()
    const settings: [text: string, expected?: number][] = [
      ['', 30], ['{}', 30], ['{"general": {"sessionRetention": {"maxAge": "7d"}}}', 7], ['"sessionRetention": {"maxAge":"2w"}', 14],
      ['"sessionRetention": {\n// "enabled": false,\n"maxAge": "48h"}', 2], ['"sessionRetention": {"enabled": false}'],
      ['"sessionRetention": {"maxAge": "1h"}'], ['"sessionRetention": {"maxAge": "soon"}'], ['\0"sessionRetention": 5', 30],
    ] // prettier-ignore
    for (const [text, expected] of settings) {
      sandbox.write('.gemini/settings.json', text)
      assert.equal(await deletedAt(found[0]!), expected && days(expected), text)
    }

    appendFileSync(path, renewal(new Date('2026-06-01T00:00:00Z')))
    sandbox.write('.gemini/settings.json', '{}')
    assert.equal(await deletedAt(found[0]!), '2026-07-01T00:00:00.000Z')
    assert.equal(join(path, '../../../..'), join(sandbox.home, '.gemini'))
  })
})
