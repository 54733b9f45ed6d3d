import assert from 'node:assert/strict'
import {mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {isFailure} from 'clinvk-kit/errors/failure'
import {LockFile} from 'clinvk-kit/process/lock-file'
import {Processes} from '../support/processes.js'
import {Sandbox} from '../support/sandbox.js'

describe('a lock between processes', () => {
  const processes = new Processes()
  afterEach(() => processes.end())
  const user = new Sandbox().forEachTest()
  let directory: string
  let path: string
  beforeEach(() => {
    directory = user.directory('lock')
    path = join(directory, 'lock')
  })

  const lock = () => new LockFile(path, 'The sessions')
  const gate = () => join(directory, 'gate')
  const hold = async () => {
    const holder = processes.start('hold-lock.js', path, gate())
    await holder.says('acquired')
    return holder
  }
  const isFree = () => {
    const acquired = lock().tryAcquire()
    acquired?.release()
    return acquired !== undefined
  }
  /** Leaves a lock as its holder would have, had it been killed: with another entry than this process makes. */
  const leave = (change: (pid: string, started: string, place: string) => string[]) => {
    const acquired = lock().tryAcquire()!
    const [entry = ''] = readdirSync(path)
    acquired.release()
    const [pid = '', started = '', place = ''] = entry.split(',')
    mkdirSync(path)
    writeFileSync(join(path, [...change(pid, started, place), 'random'].join(',')), '')
  }
  const isHeldBy = (who: string) => (error: unknown) =>
    isFailure(error) &&
    error.kind === 'session' &&
    error.message === `The sessions cannot be changed: ${who} holds the lock ${path}`

  it('lets 20 processes at once count without losing one', async () => {
    const file = join(directory, 'number')
    writeFileSync(file, '0')
    const writers = Array.from({length: 20}, () => processes.start('count-with-lock.js', path, file, '10'))
    for (const writer of writers) await writer.says('ready')
    for (const writer of writers) writer.child.stdin!.write('!')
    for (const writer of writers) assert.equal(await writer.ended, 0, writer.stderr)
    assert.equal(readFileSync(file, 'utf8'), '200')
    assert.deepEqual(readdirSync(directory), ['number'], 'nothing is left behind')
  })

  it('excludes within one process as well, and runs one after the other', async () => {
    let running = 0
    const results = await Promise.all(
      Array.from({length: 10}, (_, number) =>
        lock().run(async () => {
          assert.equal(++running, 1)
          await new Promise((resolve) => setImmediate(resolve))
          running--
          return number
        }),
      ),
    )
    assert.deepEqual(results, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  })

  it('is released when the action throws', async () => {
    await assert.rejects(
      lock().run(() => Promise.reject(new Error('no'))),
      /no/,
    )
    assert.ok(isFree())
  })

  it('is taken over at once when its holder was killed', async () => {
    const holder = await hold()
    assert.ok(!isFree())
    const {pid, state} = lock().holder()!
    assert.deepEqual({pid, state}, {pid: holder.child.pid, state: 'alive'})
    holder.child.kill('SIGKILL')
    await holder.ended
    assert.equal(lock().holder()?.state, 'dead')
    assert.ok(isFree())
    assert.equal(lock().holder(), undefined)
  })

  it('is never taken from a holder that is stopped: waiters give up and name the process and the lock', async () => {
    const holder = await hold()
    holder.child.kill('SIGSTOP')
    await holder.stopped()
    await assert.rejects(
      lock().run(() => assert.fail('acquired'), 500),
      isHeldBy(`process ${holder.child.pid!}`),
    )
    holder.child.kill('SIGCONT')
    writeFileSync(gate(), '')
    assert.equal(await holder.ended, 0, holder.stderr)
    assert.ok(isFree())
  })

  it('lets its holder notice that somebody removed it, and does not remove the next one', async () => {
    const holder = await hold()
    rmSync(path, {recursive: true})
    const next = lock().tryAcquire()!
    writeFileSync(gate(), '')
    assert.equal(await holder.ended, 1)
    assert.match(holder.stderr, /was removed while it was in use/)
    next.check()
    next.release()
    assert.ok(isFree())
  })

  const DEAD: [name: string, change: (pid: string, started: string, place: string) => string[]][] = [
    ['that has ended', (_, started, place) => [String(2 ** 22 + 1), started, place]],
    ['that has ended and whose start is unknown', (_, _started, place) => [String(2 ** 22 + 1), '', place]],
    ['whose pid another one has now', (pid, _, place) => [pid, 'x-1', place]],
    ['whose pid a process of another user has now', (_, started, place) => ['1', started, place]],
  ]
  for (const [name, change] of DEAD) {
    it(`is taken over from a process ${name}`, () => {
      leave(change)
      assert.ok(isFree())
      assert.deepEqual(readdirSync(directory), [])
    })
  }

  const UNKNOWN: [
    name: string,
    who: RegExp,
    change: (pid: string, started: string, place: string) => string[],
  ][] = [
    [
      'of another machine',
      /process 4194305 of another machine or container/,
      (_, started) => [String(2 ** 22 + 1), started, 'elsewhere'],
    ],
    [
      'whose machine is unknown',
      /process 4194305 of another machine or container/,
      () => [String(2 ** 22 + 1), '', ''],
    ],
    ['whose start is unknown while its pid exists', /process \d+ holds/, (pid, _, place) => [pid, '', place]],
    ['that cannot be read', /another process/, () => ['%', 'x', 'y']],
    ['that no version of clinvk has made', /another process/, () => ['something']],
  ]
  for (const [name, who, change] of UNKNOWN) {
    it(`is not taken over from a holder ${name}, however old it is`, async () => {
      leave(change)
      await assert.rejects(lock().acquire(50), (error) => isFailure(error) && who.test(error.message))
      assert.equal(readdirSync(path).length, 1)
    })
  }

  it('is not taken over from a file that lies in its place', async () => {
    writeFileSync(path, '')
    await assert.rejects(lock().acquire(50), isHeldBy('another process'))
    assert.equal(readFileSync(path, 'utf8'), '')
  })

  it('is free where a process died while releasing it', () => {
    mkdirSync(path)
    assert.ok(isFree())
  })

  it('goes to the next one of the process when one has given up, was interrupted or has failed', async () => {
    const first = await lock().acquire()
    const stop = new AbortController()
    const order: string[] = []
    const interrupted = new LockFile(path, 'The sessions', 'session', stop.signal).acquire()
    const late = lock().acquire(50)
    const failing = lock().run(() => Promise.reject(new Error('no')))
    const last = lock().run(() => order.push('last'))
    stop.abort()
    await assert.rejects(interrupted, /Interrupted: nothing was changed/)
    await assert.rejects(late, isHeldBy(`process ${process.pid}`))
    first.release()
    await assert.rejects(failing, /no/)
    await last
    assert.deepEqual(order, ['last'])
    assert.ok(isFree())
  })

  it('is given up by all of a process after the same time, however many they are', async () => {
    const holder = await hold()
    const all = Array.from({length: 20}, () => lock().acquire(300))
    // One after the other they would need 6 s.
    const timer = setTimeout(() => holder.child.kill('SIGKILL'), 3000)
    for (const end of await Promise.allSettled(all)) assert.equal(end.status, 'rejected')
    clearTimeout(timer)
  })

  it('does not burn processor time while many wait', async () => {
    await hold()
    const before = process.cpuUsage()
    await Promise.allSettled(Array.from({length: 100}, () => lock().acquire(1000)))
    const {system, user} = process.cpuUsage(before)
    assert.ok(system + user < 300_000, `${system + user} µs`)
  })
})
