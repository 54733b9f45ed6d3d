import assert from 'node:assert/strict'
import {execFileSync} from 'node:child_process'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {randomHex} from 'clinvk-kit/format/random-id'
import {sampleSession, StoreHome, idOf, LARGE} from '../../support/store-home.js'

describe('the place of the store', () => {
  const home = new StoreHome().forEachTest()
  let other: string | undefined
  afterEach(() => {
    if (other !== undefined) rmSync(other, {recursive: true})
    other = undefined
  })

  it('is made by the first session, for its owner only, and by nothing else', async () => {
    rmSync(home.home, {recursive: true})
    const store = home.store()
    assert.deepEqual(store.list(), {sessions: [], total: 0, tokens: [0, 0, 0, 0], skipped: []})
    assert.deepEqual(store.list({}, {limit: 20}).sessions, [])
    assert.equal(store.named('x') ?? store.newest({resumable: true}) ?? store.get(idOf(1)), undefined)
    assert.deepEqual(store.startingWith('0123'), [])
    assert.ok(!existsSync(home.home))
    await store.create(sampleSession(1))
    home.check()
    for (const directory of [home.home, home.sessions, home.work])
      assert.equal(statSync(directory).mode & 0o777, 0o700)
    assert.equal(statSync(home.path(idOf(1))).mode & 0o777, 0o600)
  })

  it('has nothing but sessions in the directory of sessions', async () => {
    home.fill(LARGE)
    const store = home.store()
    store.list()
    for (const path of [home.index, home.indexFile])
      assert.equal(statSync(path).mode & 0o777, path === home.index ? 0o700 : 0o600)
    await store.create(sampleSession(LARGE))
    await store.update(idOf(1), (session) => (session.title = 'x'))
    await store.delete(idOf(2), () => true)
    store.list()
    assert.deepEqual(
      readdirSync(home.sessions).sort(),
      home
        .truth()
        .map(({id}) => `${id}.json`)
        .sort(),
    )
  })

  const PLACES: [name: string, parent: string][] = [['on the same disk', tmpdir()]]
  // macOS has no second disk that a test may write to.
  if (existsSync('/dev/shm')) PLACES.push(['on another disk', '/dev/shm'])
  for (const [name, parent] of PLACES) {
    it(`may be a link to a directory ${name}`, async () => {
      other = mkdtempSync(join(parent, 'clinvk-sessions-'))
      symlinkSync(other, home.sessions)
      home.fill(LARGE)
      const store = home.store()
      for (let round = 0; round < 2; round++) {
        home.checkNewest('read')
        assert.ok(home.isCurrent())
        await store.create(sampleSession(1000 + round, {id: randomHex()}))
        await store.update(idOf(round), (session) => (session.name = `new-${round}`))
        await store.delete(idOf(20 + round), () => true)
      }

      home.check('at the end')
      assert.ok(lstatSync(home.sessions).isSymbolicLink())
      assert.equal(readdirSync(other).length, LARGE)
      assert.deepEqual(readdirSync(home.work), [])
    })
  }

  it('loses files that killed processes have left half written, after an hour, on whatever disk', () => {
    const places = [home.work]
    if (existsSync('/dev/shm')) {
      other = mkdtempSync('/dev/shm/clinvk-sessions-')
      symlinkSync(other, home.sessions)
      places.push(home.sessions)
    }

    home.fill(LARGE)
    home.store().list()
    const ages = {'.new-old': 3700, '.new-young': 3500}
    for (const directory of places) {
      for (const [name, age] of Object.entries(ages)) {
        writeFileSync(join(directory, name), 'half')
        const time = Date.now() / 1000 - age
        utimesSync(join(directory, name), time, time)
      }
    }

    rmSync(home.indexFile)
    home.checkNewest('rebuilt')
    for (const directory of places)
      assert.deepEqual(
        readdirSync(directory).filter((name) => name in ages),
        ['.new-young'],
      )
  })

  it('may be copied with all its times, and moved', async () => {
    home.fill(LARGE)
    home.store().list()
    const copy = new StoreHome()
    rmSync(copy.home, {recursive: true})
    execFileSync('cp', ['-a', home.home, copy.home])
    try {
      await home.store().update(idOf(1), (session) => (session.last_used = '2027-01-01T00:00:00Z'))
      await copy.store().delete(idOf(2), () => true)
      home.checkNewest('the original')
      copy.checkNewest('the copy')
      execFileSync('cp', ['-a', `${home.sessions}/.`, copy.sessions])
      copy.check('merged')
    } finally {
      copy.remove()
    }
  })

  it('may be reached by a directory that is itself a link', async () => {
    other = mkdtempSync(join(tmpdir(), 'clinvk-real-'))
    const link = join(home.home, 'link')
    symlinkSync(other, link)
    mkdirSync(home.sessions)
    await home.store().create(sampleSession(1, {working_dir: link}))
    assert.equal(home.store().newest({directory: other})?.id, idOf(1))
    assert.equal(home.store().newest({directory: link}), undefined)
  })

  it('is not written where a file stands in place of the directory of sessions, and that is said', async () => {
    writeFileSync(home.sessions, 'a file')
    assert.throws(() => home.store().list(), /ENOTDIR/)
    await assert.rejects(home.store().create(sampleSession(1)), /EEXIST|ENOTDIR/)
    assert.equal(readFileSync(home.sessions, 'utf8'), 'a file')
  })
})
