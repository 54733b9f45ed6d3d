import assert from 'node:assert/strict'
import type {BackendEvent} from 'clinvk-contract'
import {CodexReader} from '../../../plugins/backend-codex/src/reader.js'
import {asJson} from '../../support/as-json.js'
import {TURN} from '../../support/turn.js'

/** Events of codex that a model server cannot bring about. */
describe('an event of codex', () => {
  const read = (...messages: object[]): BackendEvent[] => {
    const lines = new CodexReader(TURN)
    return asJson(messages.flatMap((message) => lines.line(JSON.stringify(message))))
  }
  const item = (type: string, fields: object) => ({type, item: {id: 'item_1', ...fields}})

  it('of a tool of an MCP server is a call and its result', () => {
    const call = {type: 'mcp_tool_call', server: 'docs', tool: 'search', arguments: {q: 'x'}}
    const content = [{type: 'text', text: 'found'}]
    assert.deepEqual(
      read(
        item('item.started', {...call, status: 'in_progress'}),
        item('item.completed', {...call, result: {content}, status: 'completed'}),
      ),
      [
        {type: 'tool_call', id: 'item_1', name: 'docs.search', input: {q: 'x'}},
        {type: 'tool_result', id: 'item_1', output: 'found', is_error: false},
      ],
    )
    const [, failed] = read(item('item.completed', {...call, error: {message: 'no'}, status: 'failed'}))
    assert.deepEqual(failed, {type: 'tool_result', id: 'item_1', output: 'no', is_error: true})
  })

  it('of a search that is told when it is over is a call, too', () => {
    assert.deepEqual(
      read(item('item.completed', {type: 'web_search', query: 'oclif'})).map(({type}) => type),
      ['tool_call', 'tool_result'],
    )
  })

  it('of a list that grows is one call', () => {
    const list = (...completed: boolean[]) => ({
      type: 'todo_list',
      items: completed.map((done, index) => ({text: `step ${index}`, completed: done})),
    })
    const events = read(
      item('item.started', list(false, false)),
      item('item.updated', list(true, false)),
      item('item.completed', list(true, true)),
    )
    assert.deepEqual(
      events.map(({type}) => type),
      ['tool_call', 'tool_result'],
    )
    assert.equal((events[1] as {output: string}).output, '[x] step 0\n[x] step 1')
  })

  it('that is not known is kept', () => {
    const lines = new CodexReader(TURN)
    for (const line of [
      '{"type":"later"}',
      '{"type":"item.completed","item":{"type":"later"}}',
      'null',
      'text',
    ])
      assert.deepEqual(lines.line(line), [{type: 'unparsed', line}])
    assert.deepEqual(lines.line(''), [])
  })

  for (const [message, expected] of [
    [
      'Reconnecting... 2/5 (unexpected status 401 Unauthorized: no, url: http://localhost/)',
      {
        attempt: 2,
        max_attempts: 5,
        status: 401,
        message: 'unexpected status 401 Unauthorized: no, url: http://localhost/',
      },
    ],
    [
      'Reconnecting... 1/5 (exceeded retry limit, last status: 429 Too Many Requests)',
      {
        attempt: 1,
        max_attempts: 5,
        status: 429,
        message: 'exceeded retry limit, last status: 429 Too Many Requests',
      },
    ],
    [
      'Reconnecting... waiting for network (Connection failed: error)',
      {attempt: 1, message: 'Connection failed: error'},
    ],
    ['Reconnecting... 3/5', {attempt: 3, max_attempts: 5, message: 'Reconnecting... 3/5'}],
  ] as const) {
    it(`that says "${message.slice(0, 40)}" is a retry`, () => {
      assert.deepEqual(read({type: 'error', message}), [{type: 'retry', ...expected}])
    })
  }
})
