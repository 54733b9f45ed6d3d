import assert from 'node:assert/strict'
import {mock} from 'node:test'
import {PausableTimer} from 'clinvk-kit/turn/execute'

describe('the time that an agent is waited for', () => {
  let ended: number[]
  let time: PausableTimer
  beforeEach(() => {
    mock.timers.enable({apis: ['setTimeout', 'Date']})
    ended = []
    time = new PausableTimer(1000, (limit) => ended.push(limit))
  })
  afterEach(() => mock.timers.reset())

  it('ends, and tells how long it was', () => {
    mock.timers.tick(999)
    assert.deepEqual(ended, [])
    mock.timers.tick(1)
    assert.deepEqual(ended, [1000])
  })

  it('begins anew with each sign of life', () => {
    mock.timers.tick(900)
    time.restart()
    mock.timers.tick(900)
    assert.deepEqual(ended, [])
    mock.timers.tick(100)
    assert.deepEqual(ended, [1000])
  })

  it('stands still while it is held, by however many', () => {
    mock.timers.tick(400)
    time.pause()
    time.pause()
    time.resume()
    mock.timers.tick(5000)
    assert.deepEqual(ended, [])
    time.resume()
    mock.timers.tick(599)
    assert.deepEqual(ended, [])
    mock.timers.tick(1)
    assert.deepEqual(ended, [1000])
  })

  it('is not released by a sign of life', () => {
    time.pause()
    time.restart()
    mock.timers.tick(5000)
    assert.deepEqual(ended, [])
    time.resume()
    mock.timers.tick(1000)
    assert.deepEqual(ended, [1000])
  })

  it('never comes after its end', () => {
    time.pause()
    time.cancel()
    time.resume()
    time.restart()
    mock.timers.tick(5000)
    assert.deepEqual(ended, [])
  })
})
