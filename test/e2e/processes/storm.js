// One of several that use a store at once: storm.js HOME NAME SEED CHANGES SHARED...
// Says what it will do, and what it has done once that has returned; and whatever it finds that cannot be.
import {writeSync} from 'node:fs'
import {randomHex} from 'clinvk-kit/format/random-id'
import {SessionStore} from 'clinvk-plugin-sessions/store/store'
import {randomFrom} from './random.js'

const [home, worker, seed, changes, ...shared] = process.argv.slice(2)
const store = new SessionStore({CLINVK_HOME: home})
const random = randomFrom(Number(seed))
/** The sessions that only this one changes, and their names. */
const own = new Map()
let number = 0
/** One name that all want: whoever has it keeps it. */
const WANTED = 'wanted'

const ACTS = [create, create, turn, turn, turn, turn, rename, rename, compete, tag, tag, remove, list, look]
for (let change = 0; change < Number(changes); change++) await pick(ACTS)()

async function create() {
  const id = randomHex()
  const now = new Date().toISOString()
  const backend = pick(['claude', 'codex', 'gemini'])
  const session = {
    id,
    backend,
    created_at: now,
    last_used: now,
    working_dir: '/srv/one',
    turn_count: 0,
    tags: [],
  }
  await tell('create', {id}, () =>
    store.create({...session, token_usage: {input_tokens: 0}, backend_session_id: 'x'}),
  )
  own.set(id, undefined)
  expect(store.startingWith(id.slice(0, 10)).length === 1, `${id} is found by its beginning`)
}

async function turn() {
  const id = anyId()
  await tell('turn', {id}, () =>
    store.update(id, (session) => {
      session.turn_count++
      session.token_usage.input_tokens += 10
      session.last_used = new Date().toISOString()
    }),
  )
}

async function rename() {
  const id = ownId()
  if (id === undefined) return
  const before = own.get(id)
  const name = `${worker}-${++number}`
  await tell('rename', {id, name}, () => store.update(id, (session) => (session.name = name)))
  own.set(id, name)
  expect(store.named(name)?.id === id, `${id} is found as ${name}`)
  if (before !== undefined && before !== WANTED)
    expect(store.named(before) === undefined, `${before} is no name any more`)
}

async function compete() {
  const id = ownId()
  if (id === undefined) return
  try {
    await tell('rename', {id, name: WANTED}, () => store.update(id, (session) => (session.name = WANTED)))
    own.set(id, WANTED)
  } catch (error) {
    if (error.kind !== 'usage') throw error
    say({not: 'rename', id})
  }
}

async function tag() {
  const id = anyId()
  const added = `${worker}-${++number}`
  await tell('tag', {id, tag: added}, () => store.update(id, ({tags}) => tags.push(added)))
}

async function remove() {
  const id = ownId()
  if (id === undefined || random() < 0.5) return
  await tell('delete', {id}, () => store.delete(id, () => true))
  own.delete(id)
  expect(store.get(id) === undefined, `${id} is gone`)
}

function list() {
  const {sessions, total} = store.list({}, {limit: 20})
  expect(sessions.length > 0 && total >= shared.length + own.size, 'a list')
}

function look() {
  const found = new Set(store.list().sessions.map(({id}) => id))
  for (const id of own.keys()) expect(found.has(id), `${id} is in the list`)
  for (const id of shared) expect(found.has(id), `${id}, which all share, is in the list`)
}

async function tell(what, about, act) {
  say({will: what, ...about})
  await act()
  say({did: what, ...about})
}

function expect(isTrue, what) {
  if (!isTrue) say({bad: what})
}

function say(what) {
  writeSync(1, `${JSON.stringify(what)}\n`)
}

function ownId() {
  return pick([...own.keys()])
}

function anyId() {
  return (random() < 0.5 ? ownId() : undefined) ?? pick(shared)
}

function pick(choices) {
  return choices[Math.floor(random() * choices.length)]
}
