import assert from 'node:assert/strict'
import {existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {setTimeout as wait} from 'node:timers/promises'
import {removeLeftovers} from 'clinvk-kit/turn/run-turn'

describe('directories that an agent left behind', () => {
  let home: string
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'clinvk-leftovers-'))
  })
  afterEach(() => rmSync(home, {recursive: true}))
  const make = (name: string) => {
    const path = join(home, name)
    mkdirSync(path)
    return path
  }

  it('are removed when they are empty and younger than the turn', async () => {
    const older = make('older')
    // The clock of a file system ticks some milliseconds.
    await wait(20)
    const startedAt = new Date()
    await wait(20)
    const full = make('full')
    writeFileSync(join(full, 'file'), '')
    const empty = make('empty')
    await removeLeftovers([older, full, empty, join(home, 'none')], startedAt)
    assert.deepEqual(
      [older, full, empty].map((path) => existsSync(path)),
      [true, true, false],
    )
  })
})
