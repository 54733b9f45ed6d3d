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
import {newSessionId} from 'clinvk-plugin-sessions/store/store'
import {sampleSession, StoreHome, idOf} from '../../support/store-home.js'

describe('the place of the store', () => {
  let home: StoreHome
  beforeEach(() => {
    home = new StoreHome()
  })
  afterEach(() => home.remove())

  it('is made by the first session, for its owner only, and by nothing else', async () => {
    rmSync(home.home, {recursive: true})
    const store = home.store()
    assert.deepEqual(store.list(), {sessions: [], total: 0, tokens: [0, 0, 0, 0], skipped: []})
    assert.deepEqual(store.list({}, {limit: 20}).sessions, [])
    assert.equal(store.named('x'), undefined)
    assert.equal(store.newest({resumable: true}), undefined)
    assert.deepEqual(store.startingWith('0123'), [])
    assert.equal(store.get(idOf(1)), undefined)
    assert.ok(!existsSync(home.home))
    await store.create(sampleSession(1))
    home.check()
    for (const directory of [home.home, home.sessions, home.index, home.work])
      assert.equal(statSync(directory).mode & 0o777, 0o700)
    for (const file of [home.path(idOf(1)), home.journal]) assert.equal(statSync(file).mode & 0o777, 0o600)
  })

  it('has nothing but sessions in the directory of sessions', async () => {
    const store = home.store()
    for (let number = 0; number < 5; number++) await store.create(sampleSession(number))
    store.list()
    await store.update(idOf(1), (session) => (session.title = 'x'))
    await store.delete(idOf(2), () => true)
    store.list()
    assert.deepEqual(
      readdirSync(home.sessions).sort(),
      [0, 1, 3, 4].map((number) => `${idOf(number)}.json`).sort(),
    )
  })

  const elsewhere: [name: string, parent: string][] = [
    ['on the same disk', tmpdir()],
    ['on another disk', '/dev/shm'],
  ]
  for (const [name, parent] of elsewhere.filter(([, directory]) => existsSync(directory))) {
    it(`may be a link to a directory ${name}`, async () => {
      const target = mkdtempSync(join(parent, 'clinvk-sessions-'))
      try {
        symlinkSync(target, home.sessions)
        home.fill(300)
        const store = home.store()
        for (let round = 0; round < 5; round++) {
          home.check('read')
          assert.ok(home.isSealed())
          await store.create(sampleSession(1000 + round, {id: newSessionId()}))
          await store.update(idOf(round), (session) => (session.name = `new-${round}`))
          await store.delete(idOf(20 + round), () => true)
        }

        home.check('at the end')
        assert.ok(lstatSync(home.sessions).isSymbolicLink())
        assert.equal(readdirSync(target).length, 300)
        assert.deepEqual(readdirSync(home.work), [])
      } finally {
        rmSync(target, {recursive: true})
      }
    })
  }

  it('loses what writers that died have left half written, after an hour, on whatever disk', function () {
    const target = existsSync('/dev/shm') ? mkdtempSync('/dev/shm/clinvk-sessions-') : undefined
    try {
      if (target !== undefined) symlinkSync(target, home.sessions)
      home.fill(3)
      home.store().list()
      const places = [home.work, ...(target === undefined ? [] : [home.sessions])]
      for (const directory of places) {
        for (const [name, age] of [
          ['.new-old', 3700],
          ['.new-young', 3500],
        ] as const) {
          writeFileSync(join(directory, name), 'half')
          const time = Date.now() / 1000 - age
          utimesSync(join(directory, name), time, time)
        }
      }

      rmSync(home.journal)
      home.check()
      for (const directory of places) {
        assert.ok(!existsSync(join(directory, '.new-old')))
        assert.ok(existsSync(join(directory, '.new-young')))
      }
    } finally {
      if (target !== undefined) rmSync(target, {recursive: true})
    }
  })

  it('may be copied with all its times, and moved', async () => {
    home.fill(300)
    home.store().list()
    const copy = new StoreHome()
    rmSync(copy.home, {recursive: true})
    execFileSync('cp', ['-a', home.home, copy.home])
    try {
      await home.store().update(idOf(1), (session) => (session.last_used = '2027-01-01T00:00:00Z'))
      await copy.store().delete(idOf(2), () => true)
      home.check('the one')
      copy.check('the copy')
      execFileSync('cp', ['-a', `${home.sessions}/.`, copy.sessions])
      copy.check('brought together')
    } finally {
      copy.remove()
    }
  })

  it('may be reached by a directory that is itself a link', async () => {
    const real = mkdtempSync(join(tmpdir(), 'clinvk-real-'))
    try {
      symlinkSync(real, join(home.home, 'link'))
      mkdirSync(home.sessions)
      await home.store().create(sampleSession(1, {working_dir: join(home.home, 'link')}))
      assert.equal(home.store().newest({directory: real})?.id, idOf(1))
      assert.equal(home.store().newest({directory: join(home.home, 'link')}), undefined)
    } finally {
      rmSync(real, {recursive: true})
    }
  })

  it('is not written where a file stands in place of the directory of sessions, and that is said', async () => {
    writeFileSync(home.sessions, 'a file')
    assert.throws(() => home.store().list(), /ENOTDIR/)
    await assert.rejects(home.store().create(sampleSession(1)), /EEXIST|ENOTDIR/)
    assert.equal(readFileSync(home.sessions, 'utf8'), 'a file')
  })
})
