import assert from 'node:assert/strict'
import type {BackendEntry} from 'clinvk-kit/backends/discover'
import {ResultBuilder} from 'clinvk-kit/turn/result'

describe('an answer that is too long for a result', () => {
  const resultOf = (verdict: {outcome: 'success'} | {outcome: 'failed'; message: string}) => {
    const entry = {name: 'echo', descriptor: {title: 'Echo'}} as unknown as BackendEntry
    const builder = new ResultBuilder({entry, turn: {cwd: '/'}, context: {output: {needsContent: true}}})
    const text = 'x'.repeat(1024 * 1024)
    for (let piece = 0; piece < 600; piece++) builder.add({type: 'text', text})
    return builder.build({exit: {stderr: ''}, verdict}, 0, true)
  }

  it('is cut, and the turn says so: it is no success', () => {
    const {content, error, exit_code: code} = resultOf({outcome: 'success'})
    assert.ok(content.length < 100e6)
    assert.deepEqual({kind: error?.kind, code}, {kind: 'limit', code: 11})
    assert.match(error!.message, /The answer has 629,145,600 characters, of which the result has the first/)
  })

  it('keeps the error of a turn that failed, and says it besides', () => {
    const {error} = resultOf({outcome: 'failed', message: 'no'})
    assert.equal(error?.message, 'no')
    assert.match(error.hints?.join('\n') ?? '', /629,145,600 characters/)
  })
})
