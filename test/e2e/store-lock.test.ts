import assert from 'node:assert/strict'
import {existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {isFailure} from 'clinvk-kit/failure'
import type {SessionFile} from 'clinvk-plugin-sessions/session-file'
import {newSessionId} from 'clinvk-plugin-sessions/store'
import {StoreLock} from 'clinvk-plugin-sessions/store/lock'
import {Processes} from '../support/processes.js'
import {idOf, sampleSession, StoreHome} from '../support/store-home.js'
import {waitFor} from '../support/wait-for.js'

describe('the lock of the store', () => {
  let home: StoreHome
  let processes: Processes
  beforeEach(() => {
    home = new StoreHome()
    processes = new Processes()
    mkdirSync(home.work)
  })
  afterEach(() => {
    processes.end()
    home.remove()
  })

  const lock = () => new StoreLock(home.work)
  const path = (number: number) => join(home.work, `lock.${number}`)
  const numbers = () => readdirSync(home.work).filter((name) => name.startsWith('lock.'))
  const gate = () => join(home.home, 'gate')
  const hold = async () => {
    const holder = processes.start('hold.js', home.work, gate())
    await holder.says('inside')
    return holder
  }
  /** A process that stands still at one step of a change. */
  const stopBefore = async (step: string, what: string, session: SessionFile) => {
    const stopped = processes.start('change.js', home.home, what, JSON.stringify(session), 'SIGSTOP', step)
    await stopped.stopped()
    return stopped
  }
  const isHeldBy = (pid: number) => (error: unknown) =>
    isFailure(error) && error.kind === 'session' && error.message.includes(`process ${pid} `)

  it('lets 64 writers at once lose nothing', async () => {
    home.put(sampleSession(1, {turn_count: 0, tags: []}))
    const turns = 3
    const writers = Array.from({length: 64}, () => {
      const own = newSessionId()
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

  it('is taken over at once where its holder was killed', async () => {
    const holder = await hold()
    holder.child.kill('SIGKILL')
    await holder.ended
    const began = performance.now()
    home.store().create(sampleSession(1))
    assert.ok(performance.now() - began < 400, 'at once')
    home.check()
  })

  it('is never taken from a holder that is stopped: others wait, then say who holds it', async () => {
    const holder = await hold()
    holder.child.kill('SIGSTOP')
    await holder.stopped()
    assert.throws(() => lock().run(() => assert.fail('robbed'), 700), isHeldBy(holder.child.pid!))
    const next = processes.start('change.js', home.home, 'create', JSON.stringify(sampleSession(1)))
    assert.throws(() => lock().run(() => assert.fail('robbed'), 300), isHeldBy(holder.child.pid!))
    assert.ok(!existsSync(home.path(idOf(1))))
    holder.child.kill('SIGCONT')
    writeFileSync(gate(), '')
    assert.equal(await holder.ended, 0)
    assert.equal(await next.ended, 0, next.stderr)
    home.check()
  })

  it('keeps no reader waiting, although the index is out of date', async () => {
    home.fill(3)
    await hold()
    const began = performance.now()
    assert.equal(home.store().list().total, 3)
    assert.ok(performance.now() - began < 2000)
  })

  it('lets one of two who want the same name at the same time have it', async () => {
    home.store().create(sampleSession(3))
    home.store().list()
    assert.ok(numbers().includes('lock.2'))
    const late = await stopBefore('openSync lock.3', 'create', sampleSession(2, {name: 'wanted'}))
    home.store().create(sampleSession(1, {name: 'wanted'}))
    late.child.kill('SIGCONT')
    assert.equal(await late.ended, 1)
    assert.match(late.stderr, /The name "wanted" is taken by session/)
    assert.ok(!existsSync(home.path(idOf(2))))
    home.check()
  })

  it('is not needed by who has it', () => {
    const one = lock()
    assert.equal(
      one.run(() => one.run(() => one.run(() => 'inside'))),
      'inside',
    )
    assert.throws(() => one.run(() => lock().run(() => 'another', 50)), isHeldBy(process.pid))
    assert.equal(
      lock().run(() => 'free again'),
      'free again',
    )
  })

  it('is free again after an action that throws', () => {
    const fail = () => {
      throw new Error('no')
    }
    assert.throws(() => lock().run(fail), /no/)
    assert.equal(
      lock().run(() => 'inside', 0),
      'inside',
    )
  })

  it('leaves a handful of files behind, however often it is taken', () => {
    for (let time = 0; time < 100; time++) lock().run(() => undefined)
    assert.ok(numbers().length < 20)
    assert.ok(numbers().includes('lock.100'))
  })

  const leftBehind: [name: string, text: string][] = [
    ['empty, by a process that died before its first byte', ''],
    ['half written', 'held {"pid":12'],
    ['full of zeros, by a power cut', '\0'.repeat(60)],
    ['full of something else', 'something else\n'],
    ['JSON that names nobody', 'heldnull'],
    ['held by a process that has ended', `held ${JSON.stringify({...ourselves(), pid: 1})}\n`],
    [
      'held by one whose number another has now',
      `held ${JSON.stringify({...ourselves(), started: 'x-1'})}\n`,
    ],
  ]
  for (const [name, text] of leftBehind) {
    it(`is taken over within a moment where it was left ${name}`, () => {
      writeFileSync(path(7), text)
      assert.equal(
        lock().run(() => 'inside', 500),
        'inside',
      )
      assert.deepEqual(numbers().sort(), ['lock.7', 'lock.8'])
    })
  }

  it('of another machine is waited for, and taken over when it is older than any change', () => {
    writeFileSync(path(7), `held ${JSON.stringify({...ourselves(), place: 'elsewhere'})}\n`)
    assert.throws(() => lock().run(() => undefined, 100), /of another machine or container holds them/)
    const old = Date.now() / 1000 - 40
    utimesSync(path(7), old, old)
    assert.equal(
      lock().run(() => 'inside', 0),
      'inside',
    )
  })

  it('that cannot be read is waited for likewise', () => {
    mkdirSync(path(7))
    assert.throws(() => lock().run(() => undefined, 100), /another process holds them/)
    const old = Date.now() / 1000 - 40
    utimesSync(path(7), old, old)
    for (let time = 0; time < 30; time++) lock().run(() => 'inside', 0)
    assert.ok(numbers().includes('lock.37'))
  })

  it('is not shared by one who made it, was stopped before it could write its name, and was passed', async () => {
    home.store().create(sampleSession(1))
    const session = sampleSession(1, {title: 'of the late one'})
    const late = await stopBefore('writeSync', 'update', session)
    const own = numbers().find((name) => readFileSync(join(home.work, name), 'utf8') === '')!
    const holder = await hold()
    late.child.kill('SIGCONT')
    await waitFor('the late one to see that it was passed', () => !existsSync(join(home.work, own)))
    assert.throws(() => lock().run(() => undefined, 300), isHeldBy(holder.child.pid!))
    assert.notEqual(home.read(idOf(1)).title, session.title)
    writeFileSync(gate(), '')
    assert.equal(await late.ended, 0, late.stderr)
    assert.equal(home.read(idOf(1)).title, session.title)
  })

  it('is given up by one who was stopped for long in between, since another may be about to pass it', async () => {
    home.store().create(sampleSession(1))
    const session = sampleSession(1, {title: 'of the late one'})
    const late = await stopBefore('writeSync', 'update', session)
    const since = performance.now()
    await waitFor('another to lose patience', () => performance.now() - since > 150)
    late.child.kill('SIGCONT')
    assert.equal(await late.ended, 0, late.stderr)
    assert.equal(home.read(idOf(1)).title, session.title)
    assert.deepEqual(numbers().sort(), ['lock.1', 'lock.2', 'lock.3'])
    for (const number of [1, 2, 3]) assert.match(readFileSync(path(number), 'utf8'), /^free/)
  })
})

/** What this process writes into its locks. */
function ourselves(): {pid: number; started: string; place: string} {
  const home = new StoreHome()
  try {
    const lock = new StoreLock(home.work)
    const text = lock.run(() => readFileSync(join(home.work, 'lock.1'), 'utf8'))
    return JSON.parse(text.slice('held '.length)) as {pid: number; started: string; place: string}
  } finally {
    home.remove()
  }
}
