import assert from 'node:assert/strict'
import {jsonIn} from 'clinvk-kit/turn/json-in-text'

describe('the JSON in what an agent says', () => {
  for (const [text, ...values] of [
    ['{"a": 1}', {a: 1}],
    [' "word"\n', 'word'],
    ['null', null],
    ['Nothing here.'],
    ['It is {"a": {"b": [1, "}"]}}, I think.', {a: {b: [1, '}']}}],
    ['First {"a": 1}, then {"a": 2}', {a: 2}, {a: 1}],
    ['In {braces} I say "{" and [1]', [1]],
    ['```json\n{"a": 1}\n```\nor {"a": 2}', {a: 1}, {a: 2}, {a: 1}],
    ['~~~\n[]\n~~~\n  ```\n{"x": "`"}\n  ```', {x: '`'}, [], {x: '`'}, []],
    ['"a \\" {" {"b": 1} and an " alone', {b: 1}],
  ] as const)
    it(`is found in ${JSON.stringify(text)}`, () => assert.deepEqual([...jsonIn(text)], values))

  it('is looked for no longer than a moment where thousands of brackets are never closed', () => {
    assert.deepEqual([...jsonIn('{"a":['.repeat(200_000))], [])
  })
})
