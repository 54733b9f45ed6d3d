import assert from 'node:assert/strict'
import {readdirSync, rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {randomHex} from 'clinvk-kit/format/random-id'
import type {SessionFile} from 'clinvk-plugin-sessions/store/session-file'
import {Processes} from '../support/processes.js'
import {idOf, sampleSession, StoreHome} from '../support/store-home.js'

/** More: lock-file.test.ts has what becomes of the lock, store-storm.test.ts many writers that are killed and stopped. */
describe('changes of the store by several processes', () => {
  const processes = new Processes()
  afterEach(() => processes.end())
  const home = new StoreHome().forEachTest()

  const lock = () => join(home.work, 'lock')
  const gate = () => join(home.home, 'gate')
  const hold = async () => {
    const holder = processes.start('hold-lock.js', lock(), gate())
    await holder.says('acquired')
    return holder
  }
  /** A process that is stopped before one step of a change. */
  const stopBefore = async (step: string, what: string, session: SessionFile) => {
    const stopped = processes.start('change.js', home.home, what, JSON.stringify(session), 'SIGSTOP', step)
    await stopped.stopped()
    return stopped
  }

  it('lose nothing when 64 processes write at once', async function () {
    // Starting them takes most of the time.
    this.timeout(180_000)
    home.put(sampleSession(1, {turn_count: 0, tags: []}))
    const turns = 3
    const writers = Array.from({length: 64}, () => {
      const own = randomHex()
      return {own, process: processes.start('count.js', home.home, idOf(1), own, String(turns))}
    })
    for (const writer of writers) await writer.process.says('ready')
    for (const writer of writers) writer.process.child.stdin!.write('!')
    for (const writer of writers) {
      assert.equal(await writer.process.ended, 0, writer.process.stderr)
      const own = home.read(writer.own)
      assert.equal(own.turn_count, turns)
      assert.equal(own.tags?.length, turns)
    }

    const shared = home.read(idOf(1))
    assert.equal(shared.turn_count, 64 * turns)
    assert.deepEqual(
      shared.tags?.map((tag) => Number(tag.split(' ')[1])),
      Array.from({length: 64 * turns}, (_, turn) => turn + 1),
      'each saw what the one before it had written',
    )
    for (const {own} of writers) assert.equal(shared.tags.filter((tag) => tag.startsWith(own)).length, turns)
    home.check()
    assert.equal(home.truth().length, 65)
  })

  it('let the process that waits go on with other things', async () => {
    home.put(sampleSession(1, {tags: []}))
    await hold()
    const updates = ['one', 'two', 'three'].map((tag) =>
      home.store().update(idOf(1), (session) => session.tags!.push(tag)),
    )
    for (let tick = 0; tick < 100; tick++) await new Promise((resolve) => setTimeout(resolve, 10))
    assert.deepEqual(home.read(idOf(1)).tags, [])
    writeFileSync(gate(), '')
    await Promise.all(updates)
    assert.deepEqual(home.read(idOf(1)).tags, ['one', 'two', 'three'])
    home.check()
  })

  it('keep no reader waiting, although the index is out of date', async () => {
    home.fill(3)
    await hold()
    const began = performance.now()
    assert.equal(home.store().list().total, 3)
    assert.ok(performance.now() - began < 2000)
  })

  // Before the lock is acquired: making its directory, its entry, and the rename.
  for (const step of ['1', '2', '3']) {
    it(`give a name that two want to one of them, when the other is stopped before step ${step}`, async () => {
      await home.store().create(sampleSession(3))
      const late = await stopBefore(step, 'update', sampleSession(3, {name: 'wanted'}))
      await home.store().create(sampleSession(1, {name: 'wanted'}))
      late.child.kill('SIGCONT')
      assert.equal(await late.ended, 1)
      assert.match(late.stderr, /The name "wanted" is taken by session/)
      assert.equal(home.read(idOf(3)).name, undefined)
      home.check()
    })
  }

  it('change nothing when somebody has removed the lock meanwhile', async () => {
    await home.store().create(sampleSession(1))
    const late = await stopBefore('fsync', 'update', sampleSession(1, {title: 'late'}))
    rmSync(lock(), {recursive: true})
    await home.store().update(idOf(1), (session) => (session.title = 'next'))
    late.child.kill('SIGCONT')
    assert.equal(await late.ended, 1)
    assert.match(late.stderr, /was removed while it was in use/)
    assert.equal(home.read(idOf(1)).title, 'next')
    assert.deepEqual(readdirSync(home.work), [])
    home.check()
  })
})
