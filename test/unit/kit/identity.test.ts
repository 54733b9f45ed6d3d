import assert from 'node:assert/strict'
import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {identify, isAlive} from 'clinvk-kit/process/identity'

describe('the identity of a process', () => {
  it('is stable while the process lives', () => {
    const self = identify(process.pid)!
    assert.equal(self.pid, process.pid)
    assert.deepEqual(identify(process.pid), self)
    assert.ok(isAlive(self))
  })

  it('ends with the process', async () => {
    const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], {
      stdio: ['pipe', 'ignore', 'ignore'],
    })
    const identity = identify(child.pid!)!
    assert.ok(isAlive(identity))
    child.kill('SIGKILL')
    await once(child, 'exit')
    assert.equal(isAlive(identity), false)
    assert.equal(identify(child.pid!), undefined)
  })

  it('is not that of another process with the same number', () => {
    assert.equal(isAlive({pid: process.pid, started: 'long ago'}), false)
  })
})
