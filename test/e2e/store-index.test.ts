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
    const whole = readFileSync(home.indexFile)
    const time = home.changed()
    const lines = whole.toString('latin1').split('\n')
    const lastLines = whole.length - lines.slice(-4).join('\n').length
    const cuts = Array.from({length: 8}, (_, part) => Math.floor((lastLines * part) / 8))
    // Around the ends of the last lines, where it matters most, and at some places within them.
    for (let length = lastLines; length < whole.length; length++)
      if (whole.subarray(Math.max(0, length - 1), length + 1).includes('\n') || length % 97 === 0)
        cuts.push(length)
    const parts = cuts.map((length) => whole.subarray(0, length))
    parts.push(...[1, lines[0]!.length + 1, lastLines].map((start) => whole.subarray(start)))
    for (const part of parts) {
      writeFileSync(home.indexFile, part)
      home.setChanged(time)
      home.checkNewest(`${part.length} of ${whole.length} bytes`)
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
    assert.equal(readFileSync(home.indexFile, 'latin1').split('\n').length, LARGE + 2)
  })
})
