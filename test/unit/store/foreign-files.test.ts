import assert from 'node:assert/strict'
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import {join} from 'node:path'
import {isFailure} from 'clinvk-kit/errors/failure'
import {parseSession, type SessionFile} from 'clinvk-plugin-sessions/store/session-file'
import {CliUser} from '../../support/cli-user.js'
import {idOf, idsOf, LARGE, sampleSession, StoreHome} from '../../support/store-home.js'

const FOREIGN = 'f'.repeat(32)

function own(fields: object): string {
  return JSON.stringify({...sampleSession(1, {id: FOREIGN}), ...fields})
}

describe('the text of a file', () => {
  for (const [name, text, is] of [
    ['nothing', '', 'unreadable'],
    ['half a session', own({}).slice(0, 200), 'unreadable'],
    ['binary data', '\0\u0001\u0002{}', 'unreadable'],
    ['JSON that is no object', 'null', 'unreadable'],
    ['a list', '[]', 'unreadable'],
    ['an object without what a session has', '{"id":"x"}', 'unreadable'],
    ['a later version', own({version: 2}), 'newer'],
    ['a later version, quite different', '{"version":7,"all":"new"}', 'newer'],
    ['a time that is none', own({last_used: 'yesterday'}), 'unreadable'],
    ['tags that are no texts', own({tags: [{}]}), 'unreadable'],
    ['tags that are no list', own({tags: 'bug'}), 'unreadable'],
    ['counts that are no numbers', own({token_usage: {input_tokens: '12'}}), 'unreadable'],
    ['a name that is no text', own({name: 5}), 'unreadable'],
    ['a directory that is no text', own({working_dir: ['x']}), 'unreadable'],
    ['a process that is none', own({running: true}), 'unreadable'],
    ['a process without a number', own({running: {clinvk: {}}}), 'unreadable'],
  ] as const)
    it(`is no session of this version: ${name}`, () => assert.equal(parseSession(text), is))

  it('may begin with a byte order mark', () =>
    assert.deepEqual(parseSession(`\uFEFF${own({})}`), JSON.parse(own({}))))
})

describe('files that are no sessions of this version', () => {
  for (const count of [12, LARGE]) {
    describe(`among ${count} sessions`, () => {
      const home = new StoreHome()
      before(() => {
        home.fill(count)
        home.store().list()
      })
      after(() => home.remove())
      beforeEach(() => home.foreign.clear())

      const put = (text: string) => () => writeFileSync(home.path(FOREIGN), text)
      const FILES: [name: string, put: () => void, said: RegExp][] = [
        ['half a session', put(own({}).slice(0, 200)), /is not a session file/],
        ['another session', put(JSON.stringify(sampleSession(1))), /is not a session file/],
        ['a later version', put(own({version: 2})), /was written by a later version of clinvk/],
        ['a directory', () => mkdirSync(join(home.path(FOREIGN), 'below'), {recursive: true}), /is not a session file/],
        ['what cannot be read', () => symlinkSync(`${FOREIGN}.json`, home.path(FOREIGN)), /cannot be read/],
      ] // prettier-ignore
      it('are named, kept and stop nothing', async () => {
        home.foreign.add(FOREIGN)
        for (const [name, write, said] of FILES) {
          write()
          const before = home.contents()
          home.check(name)
          await assertSkipped(home, said)
          await home.store().update(idOf(3), (session) => (session.title = name))
          home.checkNewest(`${name}, after a change of another`)
          assert.ok(lstatSync(home.path(FOREIGN)), name)
          const path = join('sessions', `${FOREIGN}.json`)
          assert.equal(home.contents()[path], before[path], name)
          rmSync(home.path(FOREIGN), {recursive: true})
          home.checkNewest(`${name}, without it`)
          assert.deepEqual(home.store().list().skipped, [])
        }
      })

      it('are passed over where their names are none of a session', async () => {
        const upper = `${'A'.repeat(32)}.json`
        const names = ['index.json', 'store.lock', '.tmp-123', upper, 'abc.json', `${idOf(1)}.json.bak`]
        for (const name of names) writeFileSync(join(home.sessions, name), 'x')
        const before = home.contents()
        home.check()
        await home.store().update(idOf(3), (session) => (session.title = 'x'))
        home.check('changed')
        assert.deepEqual(home.store().list().skipped, [])
        for (const name of names)
          assert.equal(home.contents()[join('sessions', name)], before[join('sessions', name)])
        for (const name of names) rmSync(join(home.sessions, name))
      })

      it('are sessions again once they are mended, also in place, and no longer when they are spoiled', () => {
        const write = (text: string) => {
          writeFileSync(home.path(FOREIGN), text)
          // No more is needed to tell them apart, than that one is a session.
          utimesSync(home.path(FOREIGN), 1e9, 1e9)
        }
        home.foreign.add(FOREIGN)
        write(`${own({}).slice(0, -1)} `)
        home.check('spoiled')
        home.foreign.clear()
        write(own({}))
        home.check('mended')
        assert.deepEqual(home.store().list({}, {limit: 20}).skipped, [])
        rmSync(home.path(FOREIGN))
      })

      it('are sessions again once they may be read, although their time is the same', () => {
        // The part of the user that may not read is played by a link in a circle: root may read everything.
        const {mtime} = statSync(home.path(idOf(4)))
        renameSync(home.path(idOf(4)), join(home.home, 'away'))
        symlinkSync(`${idOf(4)}.json`, home.path(idOf(4)))
        home.foreign.add(idOf(4))
        home.check('hidden')
        home.foreign.clear()
        rmSync(home.path(idOf(4)))
        renameSync(join(home.home, 'away'), home.path(idOf(4)))
        assert.deepEqual(statSync(home.path(idOf(4))).mtime, mtime)
        home.check('seen again')
      })

      it('are named where they are found late, in the list that would have shown them', () => {
        const last = home.truth()[0]!
        writeFileSync(home.path(last.id), 'spoiled in place')
        const {skipped, sessions} = home.store().list({}, {limit: 5})
        assert.deepEqual(skipped, [`${home.path(last.id)} is not a session file.`])
        assert.ok(!idsOf(sessions).includes(last.id))
        writeFileSync(home.path(last.id), JSON.stringify(last))
      })
    })
  }

  it('do not end the belief in the index when they are many', () => {
    const home = new StoreHome()
    try {
      home.fill(300)
      for (let number = 0; number < 500; number++) writeFileSync(home.path(idOf(1000 + number)), 'x')
      for (let number = 0; number < 500; number++) home.foreign.add(idOf(1000 + number))
      home.store().list()
      assert.ok(home.isCurrent())
      assert.equal(home.store().list({}, {limit: 3}).skipped.length, 500)
      home.checkNewest('among many others')
    } finally {
      home.remove()
    }
  })

  it('stay when old sessions are deleted, and are named', async () => {
    const user = new CliUser()
    try {
      const write = (id: string, text: string) => user.write(`.clinvk/sessions/${id}.json`, text)
      const spoiled = write(FOREIGN, '{"half')
      const later = write('e'.repeat(32), own({id: 'e'.repeat(32), version: 2}))
      write(idOf(1), JSON.stringify(sampleSession(1, {last_used: '2020-01-01T00:00:00Z'})))
      const {code, stderr, stdout} = await user.clinvk(['sessions', 'clean', '--older-than', '1d'])
      assert.equal(code, 0)
      assert.match(stdout, /Deleted 1 session/)
      assert.ok(stderr.includes(`Note: ${spoiled} is not a session file.\n`))
      assert.ok(stderr.includes(`Note: ${later} was written by a later version of clinvk.\n`))
      for (const path of [spoiled, later]) assert.ok(statSync(path).isFile())
    } finally {
      user.remove()
    }
  })
})

async function assertSkipped(home: StoreHome, said: RegExp): Promise<void> {
  for (const limit of [0, 5]) {
    const {skipped} = home.store().list({}, {limit})
    assert.equal(skipped.length, 1)
    assert.match(skipped[0]!, said)
    assert.ok(skipped[0]!.startsWith(home.path(FOREIGN)))
  }

  const isSaid = (error: unknown) => isFailure(error) && error.kind === 'session' && said.test(error.message)
  assert.throws(() => home.store().get(FOREIGN), isSaid)
  const store = home.store()
  for (const change of [store.update(FOREIGN, () => undefined), store.delete(FOREIGN, () => true)])
    await assert.rejects(change, isSaid)
  assert.deepEqual(home.store().startingWith(FOREIGN.slice(0, 6)), [])
}

describe('sessions of the reference program', () => {
  const home = new StoreHome().forEachTest()

  /** As it writes them, with fields that later ones of it may have. */
  const written = (fields: object) => ({
    id: '0123456789abcdef',
    backend: 'claude',
    created_at: '2025-01-27T10:00:00.123456789+01:00',
    last_used: '2025-01-27T11:30:00.987654321Z',
    working_dir: '',
    status: 'completed',
    token_usage: {input_tokens: 0, output_tokens: 0, cost: {usd: 0.1}},
    metadata: {k: 'v'},
    from_the_future: {deep: [1, {two: null}], text: 'ü\u{1F600}"\\'},
    ...fields,
  })

  it('are read, found by their short ids, and keep all that is not changed', async () => {
    const indexes = {'index.json': '{"version":1,"index":{}}', 'store.lock': ''}
    mkdirSync(home.sessions)
    for (const [name, text] of Object.entries(indexes)) writeFileSync(join(home.sessions, name), text)
    const session = written({}) as unknown as SessionFile
    home.put(session)
    home.put({...session, id: 'f'.repeat(32)})
    assert.deepEqual(home.store().get(session.id), session)
    assert.deepEqual(idsOf(home.store().startingWith('01234')), [session.id])
    home.check()
    await home.store().update(session.id, (current) => {
      current.turn_count = 3
      current.token_usage!.input_tokens = 5
    })
    const expected = {...session, turn_count: 3, token_usage: {...session.token_usage, input_tokens: 5}}
    assert.deepEqual(home.read(session.id), expected)
    const order = Object.keys(home.read(session.id)).slice(0, -1)
    assert.deepEqual(order, Object.keys(session), 'in the same order')
    home.check('updated')
    for (const [name, text] of Object.entries(indexes))
      assert.equal(home.contents()[join('sessions', name)], text)
  })

  it('may have null for what they do not have', () => {
    home.put(written({tags: null, token_usage: null, metadata: null, name: null, closed_at: null}))
    const {sessions, tokens} = home.store().list()
    assert.equal(sessions.length, 1)
    assert.deepEqual(tokens, [0, 0, 0, 0])
    assert.equal(home.store().newest({status: 'active'})?.id, '0123456789abcdef')
  })

  it('are not changed by being read', () => {
    home.put(written({}))
    chmodSync(home.path('0123456789abcdef'), 0o400)
    const before = home.contents()
    home.check()
    assert.deepEqual(home.contents(), before)
  })
})
