import assert from 'node:assert/strict'
import {rmSync} from 'node:fs'
import {join} from 'node:path'
import {ends, Sandbox} from '../support/sandbox.js'

describe('sessions whose turn runs', () => {
  const user = new Sandbox({CLINVK_BACKEND: 'echo'}).forEachTest()

  it('that somebody deletes during a turn do not come back', async () => {
    const slow = user.start(['a b c d e f', '--extra=--delay=150'])
    await slow.shows('You')
    rmSync(join(user.home, '.clinvk/sessions', `${String(user.sessions()[0]?.id)}.json`))
    const {code, stderr, stdout} = await slow.finished
    assert.deepEqual([code, stdout], [0, 'You said: a b c d e f\n'])
    assert.match(stderr, /^Note: The session cannot be saved: Session [\da-f]{8} was deleted meanwhile\.\n$/)
    assert.deepEqual(user.sessions(), [])
  })

  it('do not go on where the session is busy, and say who holds it', async () => {
    await user.clinvk(['one'])
    const slow = user.start(['-c', 'a b c d e f g h', '--extra=--delay=2000'])
    await slow.shows('You')
    const [{id}] = user.sessions() as [{id: string}]
    const second = await user.clinvk(['-c', 'x y'])
    assert.match(second.stderr, /Session [0-9a-f]{8} is in use: process \d+ runs a turn of it/)
    assert.equal(second.code, 4)
    assert.match((await user.clinvk(['sessions', 'list'])).stdout, / running /)
    assert.match((await user.clinvk(['sessions', 'show', id])).stdout, /Status: {12}active \(running\)/)
    await ends(user.clinvk(['sessions', 'delete', id]), {code: 4, stderr: /in use/})
    slow.child.kill('SIGINT')
    assert.equal((await slow.finished).code, 130)
    assert.equal(user.sessions()[0]?.status, 'paused')
    assert.match((await user.clinvk(['-c', 'x y'])).stdout, /You said: x y/)
  })
})
