import assert from 'node:assert/strict'
import {mkdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {idOf, LARGE, sampleSession, StoreHome} from '../support/store-home.js'

describe('the index of a large store', () => {
  const home = new StoreHome().forEachTest(LARGE)

  const useAgain = (number: number, minute: number) =>
    home
      .store()
      .update(idOf(number), (session) => (session.last_used = sampleSession(LARGE + minute).last_used))

  it('may be cut off anywhere', async () => {
    for (const number of [3, 30]) await useAgain(number, 3)
    await home.store().delete(idOf(31), () => true)
    const time = home.changed()
    for (const file of [home.indexFile, home.indexState]) {
      const whole = readFileSync(file)
      const lengths = Array.from({length: 12}, (_, part) => Math.floor((whole.length * part) / 12))
      const lines = [whole.indexOf('\n'), whole.lastIndexOf('\n', -2)].filter((place) => place > 0)
      const parts = [...lengths, ...lines, ...lines.map((place) => place + 1), whole.length - 1]
        .map((length) => whole.subarray(0, length))
        .concat([1, 100].map((start) => whole.subarray(start)))
      for (const part of parts) {
        writeFileSync(file, part)
        home.setChanged(time)
        home.checkNewest(`${part.length} of ${whole.length} bytes of ${file}`)
      }
    }
  })

  it('may be impossible to write: the store answers the same', async () => {
    rmSync(home.index, {recursive: true})
    writeFileSync(home.index, 'a file')
    home.checkNewest('a file in place of its directory')
    await useAgain(1, 1)
    home.checkNewest('changed without one')
    rmSync(home.index)
    mkdirSync(home.indexFile, {recursive: true})
    home.checkNewest('a directory in place of the index')
    await useAgain(2, 2)
    home.checkNewest('changed')
    rmSync(home.index, {recursive: true})
    mkdirSync(`${home.indexFile}.new`, {recursive: true})
    home.check('a directory in place of its next one')
  })

  it('stays short, however often a session is used', async () => {
    for (let turn = 1; turn <= 300; turn++) await useAgain(8, turn)
    home.checkNewest('300 turns')
    assert.ok(home.isCurrent())
    assert.equal(readFileSync(home.indexFile, 'latin1').split('\n').length, LARGE + 1)
    assert.deepEqual(readFileSync(home.indexState, 'latin1').match(/"stamp"/g)?.length, 1)
  })
})
