import assert from 'node:assert/strict'
import {mkdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {isFailure} from 'clinvk-kit/errors/failure'
import {randomHex} from 'clinvk-kit/format/random-id'
import type {SessionFile} from 'clinvk-plugin-sessions/store/session-file'
import type {SessionStore} from 'clinvk-plugin-sessions/store/store'
import {idOf, idsOf, LARGE, sampleSession, StoreHome} from '../../support/store-home.js'

/** In a small store all files are read each time; a large one has an index. */
for (const count of [24, LARGE]) {
  const isLarge = count === LARGE
  describe(`a store of ${count} sessions`, () => {
    const home = new StoreHome().forEachTest(count)

    const last = sampleSession(count - 1)
    const old = sampleSession(8)
    const later = (minutes: number) => new Date(Date.parse(last.last_used) + minutes * 60_000).toISOString()

    it('answers the same as the files after each kind of change of its own', async () => {
      const store = home.store()
      home.check('filled')
      await store.create(sampleSession(count, {id: randomHex(), name: 'brand new', tags: ['bug']}))
      home.check('created')
      await store.update(old.id, (session) => {
        session.last_used = later(5)
        session.tags = ['bug', 'über', 'another']
        session.name = 'another "name" \u{1F600}'
        session.token_usage = {input_tokens: 1_000_000}
      })
      await store.update(last.id, (session) => (session.closed_at = later(6)))
      home.check('updated')
      assert.ok(await store.delete(last.id, () => true))
      home.check('deleted')
      if (isLarge) assert.ok(home.isCurrent())
    })

    it('sorts by last use, not by last change', async () => {
      const tag = (number: number) =>
        home.store().update(idOf(number), (session) => (session.tags = ['late']))
      for (const number of [3, 1, 7]) await tag(number)
      home.checkNewest('three tagged')
      await home.store().update(idOf(20), (session) => (session.last_used = later(1)))
      await home.store().update(idOf(5), (session) => (session.last_used = later(2)))
      for (const number of [2, 20]) await tag(number)
      home.check('two used in between')
      assert.deepEqual(idsOf(home.store().list({}, {limit: 3}).sessions), [idOf(5), idOf(20), last.id])
    })

    it('sorts those that were used at the same time by id, whatever the limit', async () => {
      const same = (number: number) => sampleSession(number, {last_used: later(1), id: randomHex()})
      for (let number = 0; number < 20; number++) home.put(same(1000 + number))
      home.store().list()
      for (let number = 0; number < 5; number++) await home.store().create(same(2000 + number))
      for (const limit of [1, 7, 24]) home.checkNewest(`limit ${limit}`, limit)
    })

    it('finds a session by its current name only', async () => {
      const name = (id: string, to: string) => home.store().update(id, (session) => (session.name = to))
      const named = (wanted: string) => home.store().named(wanted)?.id
      assert.equal(named('name-8'), old.id)
      await name(old.id, 'moved')
      assert.deepEqual([named('name-8'), named('moved')], [undefined, old.id])
      await name(idOf(9), 'name-8')
      assert.equal(named('name-8'), idOf(9))
      await home.store().delete(idOf(9), () => true)
      assert.equal(named('name-8'), undefined)
      await home.store().create(sampleSession(count, {id: randomHex(), name: 'name-8'}))
      home.check()
    })

    it('refuses a name that is taken, and changes nothing', async () => {
      const before = home.contents()
      const isTaken = (error: unknown) =>
        isFailure(error) &&
        error.kind === 'usage' &&
        error.message.includes(`taken by session ${old.id.slice(0, 8)}`)
      const store = home.store()
      await assert.rejects(store.create(sampleSession(count, {id: randomHex(), name: 'name-8'})), isTaken)
      const rename = store.update(last.id, (session) => (session.name = 'name-8'))
      await assert.rejects(rename, isTaken)
      assert.deepEqual(home.contents(), before)
      await store.update(old.id, (session) => (session.name = 'name-8'))
    })

    it('deletes many sessions, and only those that still may go', async () => {
      const ids = home.truth().map(({id}) => id)
      const may = ({id}: SessionFile) => id !== old.id
      assert.equal((await home.store().deleteAll([...ids, idOf(5000)], may)).length, ids.length - 1)
      home.check()
      assert.deepEqual(idsOf(home.truth()), [old.id])
    })

    it('changes nothing where the change throws, nor a session that is gone', async () => {
      const before = home.contents()
      const store = home.store()
      const fail = () => assert.fail('no')
      await assert.rejects(store.update(old.id, fail), /no/)
      await assert.rejects(store.delete(old.id, fail), /no/)
      assert.ok(!(await store.delete(old.id, () => false)))
      assert.ok(!(await store.delete(idOf(5000), () => true)))
      const gone = store.update(idOf(5000), () => undefined)
      await assert.rejects(gone, /was deleted meanwhile/)
      assert.deepEqual(home.contents(), before)
    })

    it('sees what other programs add, replace, restore and remove', async () => {
      home.put(sampleSession(count, {name: 'added'}))
      home.check('added')
      home.put({...home.read(idOf(4)), last_used: later(9), name: 'replaced'})
      home.checkNewest('replaced')
      const {atime, mtime} = statSync(home.path(old.id))
      const copy = readFileSync(home.path(old.id))
      await home.store().update(old.id, (session) => (session.last_used = later(10)))
      home.checkNewest('updated')
      writeFileSync(join(home.sessions, 'restored'), copy)
      utimesSync(join(home.sessions, 'restored'), atime, mtime)
      renameSync(join(home.sessions, 'restored'), home.path(old.id))
      home.checkNewest('restored')
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
      home.checkNewest('added')
      rmSync(home.path(idOf(9)))
      await home.store().create(sampleSession(count + 1))
      home.checkNewest('removed')
      home.put({...last, last_used: later(2)})
      await home.store().delete(old.id, () => true)
      home.check('replaced')
    })

    it('sees a file that another program replaced by one of the same size at the same time', () => {
      for (const last_used of [later(0), later(1)]) {
        home.put({...old, last_used})
        utimesSync(home.path(old.id), 1e9, 1e9)
        home.checkNewest(last_used)
      }
    })

    it('is not confused by times that somebody touched', async () => {
      const touch = (path: string, time: number | Date, what: string) => {
        utimesSync(path, time, time)
        home.checkNewest(what)
      }
      touch(home.sessions, new Date(), 'the directory')
      touch(home.path(old.id), new Date(), 'a file')
      touch(home.sessions, 0, '1970')
      touch(home.sessions, 4e9, '2096')
      await home.store().update(old.id, (session) => (session.last_used = later(1)))
      home.checkNewest('a change after it')
    })

    it(`notices what another program edits in place ${isLarge ? 'within a day' : 'at once'}`, () => {
      const edited = idOf(2)
      const edit = (fields: object) => home.edit(edited, (session) => Object.assign(session, fields))
      edit({last_used: later(60), token_usage: {input_tokens: 1e6}})
      if (isLarge) {
        const newest = () => home.store().list({}, {limit: 1}).sessions[0]?.id
        assert.notEqual(newest(), edited)
        inADay(() => {
          home.checkNewest('after a day')
          edit({last_used: later(90)})
          edit({last_used: later(0)})
          assert.equal(newest(), edited, 'not looked at again')
        })
      }

      edit({last_used: later(60), backend_session_id: undefined, name: 'n'.repeat(50)})
      const resumable = home.truth().find(({backend_session_id: id}) => id !== undefined)
      assert.equal(home.store().newest({resumable: true})?.id, resumable?.id, 'the file counts')
    })

    it('writes nothing, and says so, where there is no room for what it needs', async () => {
      rmSync(home.work, {recursive: true, force: true})
      writeFileSync(home.work, 'a file')
      const before = home.contents()
      const store = home.store()
      const changes = [
        store.update(old.id, (session) => (session.tags = ['x'])),
        store.create(sampleSession(count, {id: randomHex()})),
        store.delete(old.id, () => true),
      ]
      for (const change of changes) await assert.rejects(change, /EEXIST|ENOTDIR/)
      assert.deepEqual(home.contents(), before)
      home.put({...last, last_used: later(1)})
      home.checkNewest('read all the same')
    })

    if (!isLarge) return

    it('finds a session by its id although the index does not know it', async () => {
      const id = `${old.id.slice(0, 8)}${'0'.repeat(24)}`
      await home.store().delete(old.id, () => true)
      const time = home.changed()
      home.put({...old, id})
      home.setChanged(time)
      for (const length of [8, 12])
        assert.deepEqual(idsOf(home.store().startingWith(id.slice(0, length))), [id])
      assert.equal(home.store().get(id)?.id, id)
    })

    it('answers the same without its index, and rebuilds it', async () => {
      rmSync(home.index, {recursive: true})
      home.check('without')
      assert.ok(home.isCurrent())
      rmSync(home.indexFile)
      await home.store().update(old.id, (session) => (session.last_used = later(1)))
      await home.store().create(sampleSession(count, {id: randomHex()}))
      home.checkNewest('changed without')
      assert.ok(home.isCurrent())
    })

    it('answers the same when its index is deleted while it is read', () => {
      const all = home.store().list().sessions
      for (const find of [
        (store: SessionStore) => store.list().sessions,
        (store: SessionStore) => store.list({}, {limit: count}).sessions,
        (store: SessionStore) => [store.newest({backend: all[0]!.backend})],
      ]) {
        const expected = find(home.store())
        const store = home.store()
        const changed = store.files.changed.bind(store.files)
        // Between the look at the end of the index and the reading of it.
        store.files.changed = () => {
          const time = changed()
          rmSync(home.indexFile, {force: true})
          return time
        }
        assert.deepEqual(find(store), expected)
        home.store().list()
      }
    })

    const DAMAGED: [name: string, damage: (whole: string) => string][] = [
      ['is empty', () => ''],
      ['is no text', () => '\0\u{FFFD}\u0001'.repeat(5000)],
      ['holds other JSON', () => 'null\n5\n"text"\n[]\n{}\n[null]\n[1,2,3]\n{"id":5}\n[["x"]]\ntrue\n'],
      ['holds other JSON in front', (whole) => `null\n${whole}`],
      ['ends in half a line', (whole) => `${whole}{"id":"${idOf(3)}","stamp":"x`],
      ['is cut off', (whole) => whole.slice(0, whole.length / 2)],
      ['is cut off after a line', (whole) => whole.slice(0, whole.indexOf('\n') + 1)],
      ['lacks its beginning', (whole) => whole.slice(1)],
      ['ends in zeros, as after a power cut', (whole) => `${whole}${'\0'.repeat(4096)}`],
      ['has zeros at its end', (whole) => whole.slice(0, -500) + '\0'.repeat(500)],
      ['has a line twice', (whole) => `${whole.split('\n')[3]!}\n${whole}`],
      ['lacks a line', (whole) => whole.split('\n').toSpliced(5, 1).join('\n')],
      ['is one long line', (whole) => whole.replaceAll('\n', ' ')],
    ]
    it('answers the same when its index is damaged', async () => {
      for (const file of [home.indexFile, home.indexState]) {
        for (const [name, damage] of DAMAGED) {
          const [time, what] = [home.changed(), `${file} ${name}`]
          const damageFile = () => writeFileSync(file, damage(readFileSync(file, 'latin1')), 'latin1')
          damageFile()
          home.setChanged(time)
          home.checkNewest(what)
          assert.equal(home.store().named('name-16')?.id, idOf(16), what)
          assert.ok(home.isCurrent(), what)
          damageFile()
          await home.store().update(old.id, (session) => (session.tags = [name]))
          home.checkNewest(`${what}, and a session was changed`)
        }
      }

      home.check()
    })

    it('answers the same when a disk has lost lines of its index', () => {
      const {atime, mtime} = statSync(home.indexFile)
      const whole = readFileSync(home.indexFile, 'latin1')
      writeFileSync(home.indexFile, whole.slice(0, -500) + '\0'.repeat(500), 'latin1')
      utimesSync(home.indexFile, atime, mtime)
      home.checkNewest('zeros')
      assert.equal(home.store().list().sessions.length, count)
    })

    const useAgain = (number: number, minutes: number) =>
      home.store().update(idOf(number), (session) => (session.last_used = later(minutes)))

    it('answers the same when its index cannot be written', async () => {
      rmSync(home.index, {recursive: true})
      writeFileSync(home.index, 'a file')
      home.checkNewest('a file in place of its directory')
      await useAgain(1, 1)
      home.checkNewest('changed without one')
      rmSync(home.index)
      mkdirSync(home.indexFile, {recursive: true})
      home.checkNewest('a directory in place of the index')
      await useAgain(2, 2)
      home.check('changed')
    })

    it('has a short index, however often a session is used', async () => {
      for (let turn = 1; turn <= 600; turn++) await useAgain(8, turn)
      home.checkNewest('600 turns')
      assert.ok(home.isCurrent())
      assert.equal(readFileSync(home.indexFile, 'latin1').split('\n').length, LARGE + 1)
      assert.ok((readFileSync(home.indexState, 'latin1').match(/"stamp"/g) ?? []).length <= 1)
    })

    it('reads only what has changed again, where its index is not current when a session is used', async () => {
      home.put(sampleSession(count + 1))
      await useAgain(8, 1)
      const store = home.store()
      const read = store.files.read.bind(store.files)
      const ids: string[] = []
      store.files.read = (id) => (ids.push(id), read(id))
      store.entries()
      assert.equal(ids.length, 2)
      home.checkNewest('rebuilt')
    })

    it('answers the same with the index of another store', () => {
      const other = new StoreHome()
      try {
        for (let number = 0; number < count; number++)
          other.put(sampleSession(number, {last_used: later(number), name: `other-${number}`}))
        other.store().list()
        rmSync(home.index, {recursive: true})
        renameSync(other.index, home.index)
        home.checkNewest('another index')
        assert.equal(home.store().named('other-3'), undefined)
      } finally {
        other.remove()
      }
    })

    it('finds what has a line that is longer than what is read at once', async () => {
      const tags = Array.from({length: 30_000}, (_, number) => `tag number ${number}`)
      await home.store().update(old.id, (session) => (session.tags = tags))
      await home.store().update(last.id, (session) => (session.tags = ['after it']))
      home.checkNewest('a long line')
      assert.equal(home.store().named('name-8')?.id, old.id)
      assert.deepEqual(idsOf(home.store().startingWith(old.id.slice(0, 8))), [old.id])
    })
  })
}

function inADay(action: () => void): void {
  const now = Date.now
  Date.now = () => now() + 25 * 3_600_000
  try {
    action()
  } finally {
    Date.now = now
  }
}
