import assert from 'node:assert/strict'
import {existsSync, readdirSync, rmSync, utimesSync} from 'node:fs'
import {join} from 'node:path'
import type {SessionFile} from 'clinvk-plugin-sessions/store/session-file'
import {Processes} from '../support/processes.js'
import {idOf, LARGE as COUNT, sampleSession, StoreHome} from '../support/store-home.js'
import {waitFor} from '../support/wait-for.js'
import {beforeEachStep} from './processes/steps.js'

const old = sampleSession(8)
const moved = sampleSession(8, {name: 'moved', tags: ['bug'], last_used: '2027-01-01T00:00:00Z'})
const added = sampleSession(COUNT, {name: 'added'})

/** What is changed, with what, and what its session was before and is after it. */
const CHANGES: {what: string; session: SessionFile; before?: SessionFile; after?: SessionFile}[] = [
  {what: 'create', session: added, after: added},
  {what: 'update', session: moved, before: old, after: moved},
  {what: 'delete', session: old, before: old},
  {what: 'list', session: old, before: old, after: old},
]

describe('a change of the store', () => {
  const processes = new Processes()
  afterEach(() => processes.end())
  const home = new StoreHome().forEachTest(COUNT)

  /** The store as it was, and its index true; or out of date, where that is to be made anew. */
  const prepare = async (what: string, id: string, before: SessionFile | undefined) => {
    if (before) home.put(before)
    else if (existsSync(home.path(id))) await home.store().delete(id, () => true)
    home.store().list({}, {limit: 1})
    assert.ok(home.isCurrent())
    if (what === 'list') home.put(old)
  }
  const stateOf = (id: string) => (existsSync(home.path(id)) ? home.read(id) : undefined)
  const others = (id: string) => home.truth().filter((session) => session.id !== id)
  /** Another process can go on at once, and what it finds is what the files say. */
  const goOn = async (told: string) => {
    // An index that counts as current must be right; another one is rebuilt by its next reader.
    if (existsSync(home.indexFile) && home.isCurrent()) home.checkNewest(told, COUNT)
    const store = home.store()
    // Throws where the lock of a dead process is not free at once, but for the time that a loaded machine takes.
    const lock = await store.lock.acquire(3000)
    lock.release()
    await store.update(idOf(5), () => undefined)
    home.checkNewest(told)
  }

  for (const {after, before, session, what} of CHANGES) {
    const {id} = session
    it(`that is killed at any step leaves each session old or new, and nobody waiting: ${what}`, async () => {
      const untouched = others(id)
      const seen = new Set<unknown>()
      for (let step = 1, isDone = false; !isDone; step++) {
        await prepare(what, id, before)
        const words = [home.home, what, JSON.stringify(session), 'SIGKILL', String(step)]
        const killed = processes.start('change.js', ...words)
        isDone = (await killed.ended) === 0
        const told = `${what}: ${killed.stdout}${killed.stderr}`
        assert.match(told, isDone ? /done/ : /step \d+ is/)
        const now = stateOf(id)
        assert.ok(equal(now, after) || (!isDone && equal(now, before)), `${told}: ${JSON.stringify(now)}`)
        seen.add(JSON.stringify(now))
        await goOn(told)
      }

      assert.deepEqual(others(id), untouched)
      assert.equal(seen.size, equal(before, after) ? 1 : 2, 'both the old and the new have been seen')
      const longAgo = Date.now() / 1000 - 4000
      for (const name of temporaries()) utimesSync(join(home.work, name), longAgo, longAgo)
      await prepare('list', id, old)
      home.check('the end')
      assert.deepEqual(temporaries(), [], 'what was half written is gone')
    })

    for (const [code, isFull] of [
      ['EIO', false],
      ['ENOSPC', true],
    ] as const) {
      it(`that fails at any step, with ${code}, is old where it says so, and else new: ${what}`, async () => {
        const untouched = others(id)
        for (let step = 1, isDone = false; !isDone; step++) {
          await prepare(what, id, before)
          isDone = true
          const stop = beforeEachStep((number, name) => {
            // A full disk stays full, but lets go of what it has.
            if (number < step || (isFull ? FREEING.has(name) : number > step)) return
            isDone = false
            throw Object.assign(new Error(`${code} at step ${number}, ${name}`), {code})
          })
          let error: unknown
          try {
            await change(what, session)
          } catch (thrown) {
            error = thrown
          } finally {
            stop()
          }

          const told = `${what}: ${String(error)}`
          assert.deepEqual(stateOf(id), error === undefined ? after : before, told)
          if (error !== undefined) assert.match(told, new RegExp(code))
          if (what === 'list') assert.equal(error, undefined, 'reading needs no writing')
          if (what === 'delete' && isFull) assert.equal(error, undefined, 'deleting needs no room')
          await goOn(told)
        }

        assert.deepEqual(others(id), untouched)
      })
    }
  }

  /** Files that are being written, or have been left so. */
  const temporaries = () => readdirSync(home.work).filter((name) => name !== 'lock')
  const change = async (what: string, session: SessionFile) => {
    const store = home.store()
    if (what === 'create') await store.create(session)
    else if (what === 'update') await store.update(session.id, (current) => Object.assign(current, session))
    else if (what === 'delete') await store.delete(session.id, () => true)
    else store.list({}, {limit: 20})
  }

  for (const what of ['update', 'list']) {
    it(`that is stopped at any step covers up no change of another program: ${what}`, async () => {
      for (let step = 1, isDone = false; !isDone; step++) {
        home.put(old)
        if (what === 'update') home.store().list({}, {limit: 1})
        const words = [home.home, what, JSON.stringify(moved), 'SIGSTOP', String(step)]
        const stopped = processes.start('change.js', ...words)
        await waitFor(`step ${step}`, () => /step|done/.test(stopped.stdout))
        isDone = stopped.stdout.includes('done')
        if (!isDone) await stopped.stopped()
        const since = performance.now()
        home.put(sampleSession(COUNT + step))
        await waitFor('a moment to pass, longer than a change takes', () => performance.now() - since > 40)
        stopped.child.kill('SIGCONT')
        assert.equal(await stopped.ended, 0, stopped.stderr)
        if (what === 'update') assert.deepEqual(home.read(moved.id), moved)
        home.checkNewest(stopped.stdout)
      }
    })
  }

  for (const {after, before, session, what} of CHANGES) {
    it(`needs no index, whenever that is deleted: ${what}`, async () => {
      for (let step = 1, isDone = false; !isDone; step++) {
        await prepare(what, session.id, before)
        isDone = true
        const stop = beforeEachStep((number) => {
          if (number !== step || !isDone) return
          isDone = false
          rmSync(home.index, {recursive: true})
        })
        try {
          await change(what, session)
        } finally {
          stop()
        }

        assert.deepEqual(stateOf(session.id), after)
        await goOn(`${what}, step ${step}`)
      }
    })
  }

  it('is safe on the disk before it takes the place of what was there', async () => {
    const steps: string[] = []
    const stop = beforeEachStep((_, name) => steps.push(name))
    try {
      await home.store().update(old.id, (session) => (session.title = 'x'))
    } finally {
      stop()
    }

    assert.ok(steps.includes('fsync'))
    assert.ok(steps.indexOf('fsync') < steps.lastIndexOf('renameSync'), steps.join())
  })
})

/** What a full disk allows. */
const FREEING = new Set(['rmSync', 'rmdirSync', 'unlinkSync', 'utimesSync'])

function equal(a: unknown, b: unknown): boolean {
  try {
    assert.deepEqual(a, b)
    return true
  } catch {
    return false
  }
}
