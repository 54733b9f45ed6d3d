import assert from 'node:assert/strict'
import {writeFileSync} from 'node:fs'
import {ownTurns} from 'clinvk-plugin-history/transcript/own-transcript'
import type {Turn} from 'clinvk-plugin-history/transcript/join'
import {Sandbox} from '../../support/sandbox.js'

const at = (second: number) => `2026-05-01T12:00:0${second}.000Z`
const BEGIN = JSON.stringify({type: 'turn', time: at(1), turn: 1, prompt: 'hi', backend: 'x'})
const TEXT = JSON.stringify({type: 'text', time: at(2), text: 'yes'})

describe('a transcript of clinvk', () => {
  const user = new Sandbox().forEachTest()

  async function read(content: string | Buffer): Promise<Turn[]> {
    writeFileSync(user.write('transcript.jsonl', ''), content)
    const turns: Turn[] = []
    for await (const turn of ownTurns(`${user.home}/transcript.jsonl`)) turns.push(turn)
    return turns
  }

  const said = (turns: readonly Turn[]) =>
    turns.map(({messages}) => messages.map((message) => ('text' in message ? message.text : message.type)))

  it('gives turns with how they ended; pieces of an answer are one message', async () => {
    const call = JSON.stringify({type: 'tool_call', time: at(3), id: 'c1', name: 'Bash', input: {a: 1}})
    const result = JSON.stringify({type: 'tool_result', time: at(4), id: 'c1', output: 'ok', is_error: false})
    const error = {kind: 'timeout', message: 'Too late.'}
    const done = JSON.stringify({
      type: 'done',
      time: at(5),
      outcome: 'timeout',
      error,
      denials: [{tool: 'Bash'}, 5],
    })
    const turns = await read([BEGIN, TEXT, TEXT, call, result, TEXT, done, BEGIN].join('\n'))
    assert.deepEqual(said(turns), [['hi', 'yesyes', 'tool_call', 'tool_result', 'yes'], ['hi']])
    const {denials, endedAt, error: told, outcome} = turns[0]!
    assert.deepEqual(
      {denials, endedAt, told, outcome},
      {denials: [{tool: 'Bash'}], endedAt: at(5), told: 'Too late.', outcome: 'timeout'},
    )
    const ids = turns.flatMap(({messages}) => messages.map(({id}) => id))
    assert.equal(new Set(ids).size, ids.length)
  })

  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
  for (const [title, lines] of [
    ['a torn last line', [BEGIN, TEXT, TEXT.slice(0, 20)]],
    ['a torn line that was repaired', [BEGIN, TEXT.slice(0, 20), TEXT]],
    ['binary data', [BEGIN, '\u0000\u0001\uFFFD', TEXT]],
    ['lines that are no objects', [BEGIN, 'null', '5', '"x"', '[]', '', TEXT]],
    ['deep nesting', [BEGIN, deep, TEXT]],
    ['__proto__', [BEGIN, '{"__proto__": {"type": "text", "text": "evil"}, "time": "x"}', TEXT]],
    [
      'fields of other types',
      [BEGIN, '{"type":"text","time":5,"text":{}}', '{"type":["text"],"text":"a"}', TEXT],
    ],
    ['a line of a later version', [BEGIN, '{"type":"dream","time":"2026-05-01T12:00:00Z"}', TEXT]],
    ['events before the first turn', [TEXT, BEGIN, TEXT]],
  ] as const)
    it(`is read in spite of ${title}`, async () =>
      assert.deepEqual(said(await read(lines.join('\n'))), [['hi', 'yes']]))

  for (const [title, content] of [
    ['empty', ''],
    ['only binary data', Buffer.from([0, 255, 10, 254])],
  ] as const)
    it(`has no turns where it is ${title}`, async () => assert.deepEqual(await read(content), []))
})
