import assert from 'node:assert/strict'
import {reportOf, withRuns} from '../support/runs.js'
import {scenes} from '../support/scenes.js'

describe('clinvk compare', () => {
  const {run, user} = withRuns('compare', {PATH: '/nowhere'})

  scenes(user, 'compare')

  it('runs one after the other with --sequential', async () => {
    const finished = await run('', ['--json', '-b', 'echo,moody', '--sequential', 'a b c'])
    const [first, second] = reportOf(finished).results
    assert.ok(String(first!.end_time) <= String(second!.start_time))
  })
})
