import assert from 'node:assert/strict'
import {withRuns} from '../support/runs.js'
import {scenes} from '../support/scenes.js'

describe('clinvk chain', () => {
  const {report, user} = withRuns('chain')

  scenes(user, 'chain')

  it('passes an output of 5 MB on', async () => {
    const moody = (prompt: string) => ({prompt, backend: 'moody'})
    const text = `begin ${'x'.repeat(5_000_000)} end`
    const {results} = await report([moody(text), moody('again {{previous}}')])
    assert.equal(String(results[1]!.output).length, 'again '.length + text.length)
  })
})
