import assert from 'node:assert/strict'
import {mkdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {isFailure} from 'clinvk-kit/errors/failure'
import {newSessionId} from 'clinvk-plugin-sessions/store/store'
import {idOf, idsOf, sampleSession, StoreHome} from '../../support/store-home.js'

/** In a small store all files are looked at each time; in a large one the index is believed while its seal is good. */
const SIZES = [
  ['small', 40],
  ['large', 300],
] as const

for (const [size, count] of SIZES) {
  describe(`a ${size} store`, () => {
    let home: StoreHome
    beforeEach(() => {
      home = new StoreHome()
      home.fill(count)
      home.store().list()
    })
    afterEach(() => home.remove())

    const isLarge = size === 'large'
    const last = sampleSession(count - 1)
    const old = sampleSession(8)
    const later = (minutes: number) => new Date(Date.parse(last.last_used) + minutes * 60_000).toISOString()

    it('answers as if it had read every file', () => {
      assert.ok(home.isSealed())
      home.check()
    })

    it('answers so after each kind of change of its own', async () => {
      const store = home.store()
      await store.create(sampleSession(count, {id: newSessionId(), name: 'brand new', tags: ['bug']}))
      home.check('created')
      await store.update(old.id, (session) => (session.last_used = later(5)))
      home.check('used again')
      await store.update(old.id, (session) => (session.tags = ['bug', 'über', 'another']))
      home.check('tagged')
      await store.update(old.id, (session) => (session.name = 'another "name" \u{1F600}'))
      home.check('renamed')
      await store.update(old.id, (session) => (session.token_usage = {input_tokens: 1_000_000}))
      home.check('counted')
      await store.update(last.id, (session) => (session.closed_at = later(6)))
      home.check('closed')
      assert.ok(await store.delete(last.id, () => true))
      home.check('deleted')
      assert.ok(home.isSealed())
    })

    it('does not take a change of an old session for its use', async () => {
      const tag = (number: number) =>
        home.store().update(idOf(number), (session) => (session.tags = ['late']))
      for (const number of [3, 1, 7]) await tag(number)
      home.check('three tagged')
      await home.store().update(idOf(20), (session) => (session.last_used = later(1)))
      await home.store().update(idOf(5), (session) => (session.last_used = later(2)))
      await tag(2)
      await tag(20)
      home.check('two used in between')
      assert.deepEqual(idsOf(home.store().list({}, {limit: 3}).sessions), [idOf(5), idOf(20), last.id])
    })

    it('gives those that were used at the same time in the same order, however many are asked for', async () => {
      for (let number = 0; number < 30; number++)
        home.put(sampleSession(1000 + number, {last_used: later(1), id: newSessionId()}))
      home.store().list()
      for (let number = 0; number < 10; number++)
        await home.store().create(sampleSession(2000 + number, {last_used: later(1), id: newSessionId()}))
      for (const limit of [1, 7, 20, 39]) home.checkNewest(`limit ${limit}`, limit)
    })

    it('finds a name where it is, and where it was no more', async () => {
      const store = home.store()
      assert.equal(store.named('name-8')?.id, old.id)
      await store.update(old.id, (session) => (session.name = 'moved'))
      assert.equal(home.store().named('name-8'), undefined)
      assert.equal(home.store().named('moved')?.id, old.id)
      await store.update(idOf(9), (session) => (session.name = 'name-8'))
      assert.equal(home.store().named('name-8')?.id, idOf(9))
      await store.delete(idOf(9), () => true)
      assert.equal(home.store().named('name-8'), undefined)
      await home.store().create(sampleSession(count, {id: newSessionId(), name: 'name-8'}))
      home.check()
    })

    it('refuses a name that is taken, and changes nothing', async () => {
      const before = home.contents()
      const isTaken = (error: unknown) =>
        isFailure(error) &&
        error.kind === 'usage' &&
        error.message.includes(`taken by session ${old.id.slice(0, 8)}`)
      await assert.rejects(
        home.store().create(sampleSession(count, {id: newSessionId(), name: 'name-8'})),
        isTaken,
      )
      await assert.rejects(
        home.store().update(last.id, (session) => (session.name = 'name-8')),
        isTaken,
      )
      await home.store().update(old.id, (session) => (session.name = 'name-8'))
      assert.deepEqual(Object.keys(home.contents()), Object.keys(before))
      assert.equal(home.read(last.id).name, last.name)
    })

    it('changes nothing where the change throws, nor a session that is gone', async () => {
      const before = home.contents()
      const thrower = () => {
        throw new Error('no')
      }
      await assert.rejects(home.store().update(old.id, thrower), /no/)
      await assert.rejects(home.store().delete(old.id, thrower), /no/)
      assert.ok(!(await home.store().delete(old.id, () => false)))
      assert.ok(!(await home.store().delete(idOf(5000), () => true)))
      await assert.rejects(
        home.store().update(idOf(5000), () => undefined),
        /was deleted meanwhile/,
      )
      assert.deepEqual(home.contents(), before)
      home.check()
    })

    it('sees what other programs add, replace, restore and remove', async () => {
      home.put(sampleSession(count, {name: 'added'}))
      home.check('added')
      home.put({...home.read(idOf(4)), last_used: later(9), name: 'replaced'})
      home.check('replaced')
      const {atime, mtime} = statSync(home.path(old.id))
      const copy = readFileSync(home.path(old.id))
      await home
        .store()
        .update(old.id, (session) => Object.assign(session, {last_used: later(10), name: 'not for long'}))
      home.check('updated')
      writeFileSync(join(home.sessions, 'restored'), copy)
      utimesSync(join(home.sessions, 'restored'), atime, mtime)
      renameSync(join(home.sessions, 'restored'), home.path(old.id))
      home.check('restored')
      assert.equal(home.read(old.id).name, 'name-8')
      rmSync(home.path(last.id))
      home.check('removed')
      for (const {id} of home.truth().slice(3)) rmSync(home.path(id))
      home.check('most removed')
      rmSync(home.sessions, {recursive: true})
      mkdirSync(home.sessions)
      home.check('all removed')
      home.fill(count)
      home.check('all back')
    })

    it('sees what other programs did before a change of its own', async () => {
      home.put(sampleSession(count, {name: 'added'}))
      await home.store().update(old.id, (session) => (session.last_used = later(1)))
      home.check('added')
      rmSync(home.path(idOf(9)))
      await home.store().create(sampleSession(count + 1))
      home.check('removed')
      home.put({...last, last_used: later(2)})
      await home.store().delete(old.id, () => true)
      home.check('replaced')
    })

    it('sees a file that another program replaced by one of the same size at the same time', () => {
      for (const last_used of [later(0), later(1)]) {
        home.put({...old, last_used})
        utimesSync(home.path(old.id), 1e9, 1e9)
        home.check(last_used)
      }
    })

    it('is not confused by times that somebody touched', async () => {
      utimesSync(home.sessions, new Date(), new Date())
      home.check('the directory')
      utimesSync(home.path(old.id), new Date(), new Date())
      home.check('a file')
      utimesSync(home.sessions, 0, 0)
      home.check('1970')
      utimesSync(home.sessions, 4e9, 4e9)
      home.check('2096')
      await home.store().update(old.id, (session) => (session.last_used = later(1)))
      home.check('a change after it')
    })

    it(`notices what another program edits in place ${isLarge ? 'within a day' : 'at once'}`, () => {
      const edited = idOf(2)
      home.edit(edited, (session) =>
        Object.assign(session, {last_used: later(60), token_usage: {input_tokens: 1e6}}),
      )
      if (isLarge) {
        assert.notEqual(home.store().list({}, {limit: 1}).sessions[0]?.id, edited)
        inADay(() => {
          home.check('after a day')
        })
      }

      home.check('later')
      home.edit(edited, (session) =>
        Object.assign(session, {backend_session_id: undefined, name: 'n'.repeat(50)}),
      )
      const resumable = home.truth().find(({backend_session_id: id}) => id !== undefined)
      assert.equal(home.store().newest({resumable: true})?.id, resumable?.id, 'the file has the last word')
    })

    if (isLarge) {
      it('looks at every file no more than once a day', () => {
        inADay(() => {
          home.store().list({}, {limit: 20})
          home.edit(idOf(2), (session) => (session.last_used = later(60)))
          assert.notEqual(home.store().list({}, {limit: 1}).sessions[0]?.id, idOf(2))
        })
      })
    }

    it('finds a session by its id, although the index does not know it, yet is believed', async () => {
      const id = `${old.id.slice(0, 8)}${'0'.repeat(24)}`
      await home.store().delete(old.id, () => true)
      const time = home.changed()
      home.put({...old, id})
      home.setChanged(time)
      assert.deepEqual(idsOf(home.store().startingWith(id.slice(0, 8))), [id])
      assert.deepEqual(idsOf(home.store().startingWith(id.slice(0, 12))), [id])
      assert.equal(home.store().get(id)?.id, id)
    })

    it('answers the same without its index, and makes it anew', async () => {
      rmSync(home.index, {recursive: true})
      home.check('without')
      assert.ok(home.isSealed())
      rmSync(home.journal)
      await home.store().update(old.id, (session) => (session.last_used = later(1)))
      await home.store().create(sampleSession(count, {id: newSessionId()}))
      home.check('changed without')
      assert.ok(home.isSealed())
    })

    it('answers the same when the index was cut off anywhere', async () => {
      for (const id of [idOf(3), idOf(30)])
        await home.store().update(id, (session) => (session.last_used = later(3)))
      await home.store().delete(idOf(31), () => true)
      const whole = readFileSync(home.journal)
      const time = home.changed()
      const lines = whole.toString('latin1').split('\n')
      const lastLines = lines.slice(-4).join('\n').length
      const cuts = Array.from({length: 30}, (_, part) => Math.floor(((whole.length - lastLines) * part) / 30))
      for (let length = whole.length - lastLines; length < whole.length; length++) {
        // Around the ends of lines, where it matters most, and at some places within them.
        const isNearEnd = whole.subarray(Math.max(0, length - 2), length + 2).includes('\n')
        if (isNearEnd || length % 31 === 0) cuts.push(length)
      }

      for (const length of cuts) {
        writeFileSync(home.journal, whole.subarray(0, length))
        home.setChanged(time)
        home.checkNewest(`cut off after ${length} of ${whole.length} bytes`)
      }

      for (const start of [1, lines[0]!.length + 1, whole.length - lastLines]) {
        writeFileSync(home.journal, whole.subarray(start))
        home.setChanged(time)
        home.checkNewest(`without the first ${start} bytes`)
      }
    })

    const garbage: [name: string, spoil: (whole: string) => string][] = [
      ['is empty', () => ''],
      ['is no text', () => '\0\u{FFFD}\u0001'.repeat(5000)],
      ['holds other JSON', () => 'null\n5\n"text"\n[]\n{}\n[null]\n[1,2,3]\n{"id":5}\n[["x"]]\ntrue\n'],
      ['holds other JSON before a good checkpoint', (whole) => `null\n${whole}`],
      ['ends in half a line', (whole) => `${whole}{"id":"${idOf(3)}","stamp":"x`],
      ['ends in other JSON', (whole) => `${whole}null\n`],
      ['ends in zeros, as after a power cut', (whole) => `${whole}${'\0'.repeat(4096)}`],
      ['has a line twice', (whole) => `${whole.split('\n')[3]!}\n${whole}`],
      ['lacks a line', (whole) => whole.split('\n').toSpliced(5, 1).join('\n')],
      ['has a checkpoint only', (whole) => `${whole.trimEnd().split('\n').at(-1)!}\n`],
      ['is one long line', (whole) => whole.replaceAll('\n', ' ')],
    ]
    for (const [name, spoil] of garbage) {
      it(`answers the same when the index ${name}`, async () => {
        const time = home.changed()
        writeFileSync(home.journal, spoil(readFileSync(home.journal, 'latin1')), 'latin1')
        home.setChanged(time)
        home.check('read')
        assert.ok(home.isSealed())
        writeFileSync(home.journal, spoil(readFileSync(home.journal, 'latin1')), 'latin1')
        await home.store().update(old.id, (session) => (session.last_used = later(1)))
        home.check('changed, then read')
      })
    }

    it('answers the same with the index of another store', () => {
      const other = new StoreHome()
      try {
        for (let number = 0; number < count; number++)
          other.put(sampleSession(number, {last_used: later(number), name: `other-${number}`}))
        other.store().list()
        rmSync(home.index, {recursive: true})
        renameSync(other.index, home.index)
        home.check()
        assert.equal(home.store().named('other-3'), undefined)
      } finally {
        other.remove()
      }
    })

    it('answers the same where the index cannot be kept', async () => {
      rmSync(home.index, {recursive: true})
      writeFileSync(home.index, 'a file')
      home.check('a file in place of its directory')
      await home.store().update(last.id, (session) => (session.last_used = later(2)))
      home.check('changed without one')
      rmSync(home.index)
      mkdirSync(home.journal, {recursive: true})
      home.check('a directory in place of the journal')
      await home.store().update(old.id, (session) => (session.last_used = later(1)))
      home.check('changed')
      rmSync(home.index, {recursive: true})
      mkdirSync(`${home.journal}.new`, {recursive: true})
      home.check('a directory in place of its next one')
    })

    it('writes nothing, and says so, where there is no room for what it needs', async () => {
      rmSync(home.work, {recursive: true})
      writeFileSync(home.work, 'a file')
      const before = home.contents()
      await assert.rejects(
        home.store().update(old.id, (session) => (session.tags = ['x'])),
        /EEXIST|ENOTDIR/,
      )
      await assert.rejects(home.store().create(sampleSession(count, {id: newSessionId()})), /EEXIST|ENOTDIR/)
      await assert.rejects(
        home.store().delete(old.id, () => true),
        /EEXIST|ENOTDIR/,
      )
      assert.deepEqual(home.contents(), before)
      home.put({...last, last_used: later(1)})
      home.check('read all the same')
    })

    it('keeps the index short, however often a session is used', async () => {
      const store = home.store()
      for (let turn = 1; turn <= 700; turn++) {
        await store.update(old.id, (session) => {
          session.last_used = later(turn)
          session.turn_count = turn
        })
        if (turn % 100 === 0) home.checkNewest(`turn ${turn}`)
      }

      assert.ok(home.isSealed())
      assert.ok(readFileSync(home.journal, 'latin1').split('\n').length < 2000)
      home.check()
    })

    it('finds what has a line that is longer than what is read at once', async () => {
      const tags = Array.from({length: 30_000}, (_, number) => `tag number ${number}`)
      await home.store().update(old.id, (session) => (session.tags = tags))
      await home.store().update(last.id, (session) => (session.tags = ['after it']))
      home.check()
      assert.equal(home.store().named('name-8')?.id, old.id)
      assert.deepEqual(idsOf(home.store().startingWith(old.id.slice(0, 8))), [old.id])
    })
  })
}

function inADay<T>(action: () => T): T {
  const now = Date.now
  Date.now = () => now() + 25 * 3_600_000
  try {
    return action()
  } finally {
    Date.now = now
  }
}
