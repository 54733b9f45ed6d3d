import assert from 'node:assert/strict'
import {PassThrough} from 'node:stream'
import type {PromptRequest, RunData, RunRequest} from 'clinvk-kit/for-plugins/kit'
import type {LogPart} from 'clinvk-kit/for-plugins/history'
import type {TurnOutput} from 'clinvk-kit/turn/context'
import type {TurnResult} from 'clinvk-kit/turn/result'
import {Failure} from '../../../plugins/kit/src/errors/failure.js'
import type {Client} from '../../../plugins/serve/src/core/turn-runner.js'
import {Jobs} from '../../../plugins/serve/src/mcp/jobs.js'
import type {ToolContext} from '../../../plugins/serve/src/mcp/tool-context.js'
import {serveStreams} from '../../../plugins/serve/src/mcp/stdio.js'
import {McpClient} from '../../support/mcp-client.js'

type Turn = (request: PromptRequest, client: Client, output: TurnOutput) => TurnResult | Promise<TurnResult>

const RESULT = {session_id: 'a'.repeat(32), backend: 'codex', content: 'Yes.', exit_code: 0, denials: []}
const result = (part: Partial<TurnResult> = {}): TurnResult => ({
  ...RESULT,
  outcome: 'success',
  duration_seconds: 1,
  ...part,
})

/** A turn that runs until it is stopped, and what it was asked for. */
function endless(): {turn: Turn; asked: PromptRequest[]; stopped: string[]} {
  const asked: PromptRequest[] = []
  const stopped: string[] = []
  const turn: Turn = (request, {gone}, output) => {
    asked.push(request)
    const session = String(asked.length).repeat(32)
    output.start({backend: 'codex', sessionId: session})
    return new Promise((resolve) =>
      gone.addEventListener('abort', () => {
        stopped.push(String(gone.reason))
        resolve(result({session_id: session, outcome: 'cancelled', content: 'So far'}))
      }),
    )
  }
  return {turn, asked, stopped}
}

describe('the tools of MCP', () => {
  let jobs: Jobs
  let messages: readonly object[]
  let served: Promise<void>
  let close: () => void

  /** A client of a server with turns of this kind. */
  function connect(turn: Turn = () => result(), {depth = 0, interval = 5000, run}: Options = {}): McpClient {
    jobs = new Jobs()
    const runner = {prompt: turn, run: run ?? (() => Promise.reject(new Error('not asked for')))}
    const clinvk = {
      sessions: {
        show: (reference: string) =>
          reference === 'known'
            ? Promise.resolve({id: 'b'.repeat(32), status: 'completed', running: false})
            : Promise.reject(
                new Failure('session', `No session "${reference}".`, ['See: clinvk sessions list']),
              ),
        list: (filter: object) => Promise.resolve({sessions: [{id: 'c', filter}], total: 1}),
      },
      history: {
        search: (query: object) =>
          Promise.resolve({hits: [{session_id: 'd', snippet: JSON.stringify(query)}], total: 1}),
        log: (_: string, {from = 0, last, limit = 1000}: LogPart) => {
          const first = last === 1 && limit < 1000 ? messages.length - limit : from
          const end = first + limit
          return Promise.resolve({
            session: {id: 'a'.repeat(32), backend: 'codex'},
            messages: messages.slice(first, end),
            from: first,
            next: end < messages.length ? end : undefined,
            total: messages.length,
          })
        },
      },
    }
    const context = {
      jobs,
      client: {id: 'test'},
      depth,
      interval,
      open: () => Promise.resolve({runner, clinvk}),
    } as unknown as ToolContext
    const input = new PassThrough()
    const output = new PassThrough()
    const note = (message: string) => assert.fail(message)
    const stop = new AbortController().signal
    served = serveStreams({input, output, note, version: '1.0.0', stop}, () => context)
    close = () => input.end()
    return new McpClient(input, output)
  }
  beforeEach(() => (messages = []))
  afterEach(async () => {
    close()
    await served
  })

  it('are seven, described in less than 300 characters each and 6 KB in all', async () => {
    const client = connect()
    await client.open()
    const {tools} = (await client.request('tools/list')) as {tools: Tool[]}
    assert.deepEqual(
      tools.map(({name}) => name),
      ['ask', 'wait', 'stop', 'compare', 'search', 'sessions', 'read'],
    )
    for (const {description, name} of tools) assert.ok(description.length < 300, name)
    assert.ok(JSON.stringify(tools).length < 6000, `${JSON.stringify(tools).length} bytes`)
    const readOnly = tools.filter(({annotations}) => annotations?.readOnlyHint)
    assert.deepEqual(
      readOnly.map(({name}) => name),
      ['search', 'sessions', 'read'],
    )
  })

  const fresh = {kind: 'new', fresh: true, tags: []}
  const READ = {sandbox_mode: 'read-only', approval_mode: 'default', session: fresh}
  const ASKED: [input: object, request: object][] = [
    [{}, READ],
    [{access: 'read'}, READ],
    [{access: 'edit'}, {approval_mode: 'auto', session: fresh}],
    [
      {agent: 'codex', model: 'fast', directory: '/x'},
      {...READ, backend: 'codex', model: 'fast', workdir: '/x'},
    ],
    [{session: '@last'}, {...READ, session: {kind: 'named', reference: '@last', tags: []}}],
    [
      {session: 'abc', fork: true},
      {...READ, session: {kind: 'fork', reference: 'abc', tags: []}},
    ],
  ]
  for (const [input, request] of ASKED) {
    it(`ask an agent with ${JSON.stringify(input)} for no more than that`, async () => {
      const asked: PromptRequest[] = []
      const client = connect((one) => (asked.push(one), result()))
      await client.open()
      const {data, isError} = await client.call('ask', {prompt: 'Why?', ...input})
      assert.deepEqual(JSON.parse(JSON.stringify(asked)), [{prompt: 'Why?', ...request}])
      assert.deepEqual(
        {isError, data},
        {
          isError: false,
          data: {session: RESULT.session_id, agent: 'codex', status: 'success', answer: 'Yes.'},
        },
      )
    })
  }

  it('say why a turn has failed, what to do next, and what was denied', async () => {
    const error = {kind: 'auth', message: 'Codex is not signed in.', hints: ['codex login']} as const
    const denials = [{tool: 'Edit', target: 'a.ts'}]
    const client = connect((_request, _client, output) => {
      output.notice('A setting has no effect.')
      return result({outcome: 'auth', error, denials, content: '', exit_code: 8})
    })
    await client.open()
    const {data, isError} = await client.call('ask', {prompt: 'x'})
    assert.equal(isError, true)
    assert.deepEqual([data.status, data.error, data.hints], ['auth', error.message, error.hints])
    assert.deepEqual([data.denials, data.notes], [denials, ['A setting has no effect.']])
  })

  it('hand back what takes long, and wait for it, or stop it, by its session', async () => {
    const {asked, stopped, turn} = endless()
    const client = connect(turn)
    await client.open()
    const {data: running} = await client.call('ask', {prompt: 'one', wait_seconds: 0})
    assert.deepEqual([running.status, running.session], ['running', '1'.repeat(32)])
    assert.match(running.activity, /^codex: thinks, \d/)
    const {data: other} = await client.call('ask', {prompt: 'two', wait_seconds: 0})
    const waiting = client.call('wait', {session: running.session})
    const {data: still} = await client.call('wait', {session: other.session, wait_seconds: 0.01})
    assert.equal(still.status, 'running')
    const {data, isError} = await client.call('stop', {session: running.session})
    assert.deepEqual([data.status, data.answer, isError], ['cancelled', 'So far', false])
    assert.equal((await waiting).data.status, 'cancelled')
    // What is over is known for a while.
    assert.equal((await client.call('wait', {session: running.session})).data.answer, 'So far')
    assert.deepEqual([asked.length, stopped], [2, ['SIGTERM']])
    await jobs.end()
    assert.deepEqual(stopped, ['SIGTERM', 'SIGTERM'])
  })

  it('name a turn that has no session yet, and find it by that name', async () => {
    let start: (content: string) => void = () => undefined
    const client = connect(async () =>
      result({content: await new Promise<string>((resolve) => (start = resolve))}),
    )
    await client.open()
    const {data} = await client.call('ask', {prompt: 'x', wait_seconds: 0})
    assert.deepEqual([data.status, data.session], ['running', 'job-1'])
    start('Now.')
    assert.equal((await client.call('wait', {session: 'job-1'})).data.answer, 'Now.')
  })

  it('stop a turn whose call is cancelled, and go on', async () => {
    const {stopped, turn} = endless()
    const client = connect(turn)
    await client.open()
    const escape = new AbortController()
    const cancelled = client.call('ask', {prompt: 'x'}, {signal: escape.signal})
    await client.request('ping')
    escape.abort()
    await assert.rejects(cancelled, /cancelled/)
    await client.request('ping')
    await jobs.end()
    assert.deepEqual(stopped, ['SIGTERM'])
  })

  it('tell what the agent does while a call waits', async () => {
    const heard = new Set<string>()
    const client = connect(
      async (_request, _client, output) => {
        output.start({backend: 'claude', sessionId: '1'.repeat(32)})
        await output.event({type: 'tool_call', id: '1', name: 'Bash', input: {}, target: 'npm test'})
        await told
        return result()
      },
      {interval: 5},
    )
    let tell = () => {}
    const told = new Promise<void>((resolve) => (tell = resolve))
    await client.open()
    const onProgress = (message: string) => {
      heard.add(message.replace(/, .*/, ''))
      if (heard.has('claude: Bash npm test')) tell()
    }
    await client.call('ask', {prompt: 'x'}, {onProgress})
    assert.ok(heard.has('claude: Bash npm test'), [...heard].join())
  })

  it('cut a long answer, and read on without losing a character', async () => {
    const content = Array.from({length: 12_000}, (_, index) => `${index}😀`).join(' ')
    messages = [
      {turn: 1, role: 'user', type: 'text', text: 'Write much.'},
      {turn: 1, role: 'assistant', type: 'tool_call', name: 'Bash', input: {command: 'x'.repeat(3000)}},
      {turn: 1, role: 'assistant', type: 'text', text: content},
      {turn: 1, role: 'assistant', type: 'text', text: 'Done.'},
    ]
    const client = connect(() => result({content}))
    await client.open()
    const {data: asked} = await client.call('ask', {prompt: 'Write much.'})
    assert.ok(asked.answer.length <= 20_000 && content.startsWith(asked.answer))
    let next: string = /read (\{.*\})/.exec(asked.more)![1]!
    const texts = new Map<number, string>()
    for (let calls = 0; next; calls++) {
      assert.ok(calls < 20, next)
      const {data, isError, text} = await client.call('read', JSON.parse(next) as object)
      assert.ok(!isError && text.length <= 21_000, `${text.length}`)
      let cut: string | undefined
      for (const message of data.messages as {number: number; text: string; cut?: string}[]) {
        texts.set(message.number, (texts.get(message.number) ?? '') + message.text)
        if (message.number === 3) cut = message.cut
      }
      next = (cut ?? data.next ?? '').replace(/^.*read (?=\{)/, '')
    }
    assert.equal(texts.get(3), content)
    assert.equal(texts.get(4), 'Done.')
    assert.equal(texts.get(2)?.length, 1000)
    const {data: alone} = await client.call('read', {session: 'x', from: 2, limit: 1})
    assert.equal(alone.messages[0]!.text.length, 3014)
    const {data: last} = await client.call('read', {session: 'x', from: -1})
    assert.deepEqual([last.messages.length, last.messages[0]!.text, last.next], [1, 'Done.', undefined])
  })

  it('ask several agents at once, none of which can change anything', async () => {
    const asked: RunRequest[] = []
    const answer = (backend: string) => ({
      backend,
      outcome: 'success',
      output: 'x'.repeat(15_000),
      session_id: 'e',
    })
    const client = connect(undefined, {
      run: (request) => (asked.push(request), {run_id: 'f', results: [answer('claude'), answer('codex')]}),
    })
    await client.open()
    const {data, isError, text} = await client.call('compare', {prompt: 'x', agents: ['claude', 'codex']})
    const options = {sandbox_mode: 'read-only', approval_mode: 'default', workdir: undefined}
    assert.deepEqual(asked, [{kind: 'compare', prompt: 'x', backends: ['claude', 'codex'], options}])
    assert.ok(!isError && text.length < 21_000)
    assert.match(data.answers[1]!.more, /^5000 more characters: read \{"session":"e","around":-1\}/)
  })

  it('refuse an agent that runs inside two turns of clinvk, and start nothing', async () => {
    const {asked, turn} = endless()
    const client = connect(turn, {depth: 2})
    await client.open()
    for (const tool of ['ask', 'compare']) {
      const {isError, text} = await client.call(tool, {prompt: 'x'})
      assert.ok(isError)
      assert.match(text, /^You run inside 2 turns of clinvk already.*\nDo it yourself/)
    }
    assert.deepEqual(asked, [])
    assert.equal((await client.call('sessions')).isError, false)
  })

  it('tell the agent that a turn starts how deep it runs', async () => {
    const depths: unknown[] = []
    const client = connect((_request, {depth}) => (depths.push(depth), result()), {depth: 1})
    await client.open()
    await client.call('ask', {prompt: 'x'})
    assert.deepEqual(depths, [1])
  })

  it('filter searches and lists by what is asked for', async () => {
    const client = connect()
    await client.open()
    const {data: found} = await client.call('search', {
      query: ' two  words ',
      agent: 'codex',
      since: '2026-01-31',
    })
    const query = JSON.parse(found.hits[0]!.snippet) as object
    const since = new Date('2026-01-31T00:00').toISOString()
    assert.deepEqual(query, {words: ['two', 'words'], backend: 'codex', since, limit: 20})
    assert.deepEqual((await client.call('sessions', {status: 'running', limit: 3})).data, {
      sessions: [{session: 'c'}],
      total: 1,
    })
  })

  const BAD: [tool: string, input: object, answer: RegExp][] = [
    ['ask', {}, /prompt/],
    ['ask', {prompt: 5}, /prompt.*expected string/],
    ['ask', {prompt: 'x', directory: 'src'}, /directory: must be absolute/],
    ['ask', {prompt: 'x', access: 'full'}, /access/],
    ['ask', {prompt: 'x', sandbox_mode: 'full'}, /sandbox_mode/],
    ['ask', {prompt: 'x', fork: true}, /^fork copies a session/],
    ['wait', {session: 'nobody'}, /^No session "nobody"\.\nSee: clinvk sessions list$/],
    ['stop', {session: 'nobody'}, /^No session "nobody"\./],
    ['compare', {prompt: 'x', agents: 'all'}, /agents/],
    ['search', {query: 'x', since: 'soon'}, /^since soon is neither a date nor an age\./],
    ['search', {query: 'x', limit: 1e9}, /limit/],
    ['sessions', {status: 'lost'}, /status/],
    ['read', {session: 'x', from: 1, around: 1}, /^from and around/],
    ['read', {session: 'x', from: 9}, /has 1 messages/],
  ]
  for (const [tool, input, answer] of BAD) {
    it(`answer ${tool} ${JSON.stringify(input)} with a sentence`, async () => {
      messages = [{turn: 1, role: 'user', type: 'text', text: 'x'}]
      const {asked, turn} = endless()
      const client = connect(turn)
      await client.open()
      const {isError, text} = await client.call(tool, input)
      assert.match(text, answer)
      assert.equal(isError, true)
      await client.request('ping')
      assert.deepEqual(asked, [])
    })
  }

  it('say of a session that was not begun here how it is, and where to read', async () => {
    const client = connect()
    await client.open()
    for (const tool of ['wait', 'stop']) {
      const {data, isError} = await client.call(tool, {session: 'known'})
      assert.deepEqual([data.status, isError], ['completed', false])
      assert.match(data.next!, /^read \{"session":"b+","around":-1\}$/)
    }
  })
})

interface Options {
  depth?: number
  interval?: number
  run?: (request: RunRequest) => RunData
}

interface Tool {
  name: string
  description: string
  annotations?: {readOnlyHint?: boolean}
}
