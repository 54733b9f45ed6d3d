// What a store can do on a disk that is full, or read-only, and once it is not: on-small-disk.js HOME full|read-only
// Its disk is one that may be spoiled. Prints what came of each step.
import {execFileSync} from 'node:child_process'
import {closeSync, openSync, readFileSync, rmSync, writeSync} from 'node:fs'
import {join} from 'node:path'
import {SessionStore} from 'clinvk-plugin-sessions/store/store'

const [home, kind] = process.argv.slice(2)
const used = '2026-01-01T00:00:00Z'
const ids = [1, 2, 3].map((digit) => String(digit).repeat(32))
const store = () => new SessionStore({CLINVK_HOME: home})
const sessionOf = (id) => ({
  id,
  backend: 'echo',
  created_at: used,
  last_used: used,
  working_dir: '/srv',
  name: id,
})
const read = (id) => JSON.parse(readFileSync(join(home, 'sessions', `${id}.json`), 'utf8'))
const list = () => store().list({}, {limit: 20}).sessions.length
const resultOf = async (act) => {
  try {
    return await act()
  } catch (error) {
    return error.code ?? error.message
  }
}

for (const id of ids) await store().create(sessionOf(id))
// The index is out of date, and cannot be made anew.
rmSync(join(home, 'index/sessions.jsonl'), {force: true})
const free = kind === 'full' ? fill() : mountReadOnly()
const title = 'long '.repeat(2000)
const retitle = (session) => (session.title = title)
const result = {
  update: await resultOf(async () => (await store().update(ids[0], retitle)).title),
  after: read(ids[0]).title,
  create: await resultOf(() => store().create({...sessionOf('4'.repeat(32)), title})),
  list: await resultOf(list),
  named: await resultOf(() => store().named(ids[1])?.id === ids[1]),
  delete: await resultOf(() => store().delete(ids[2], () => true)),
  left: await resultOf(list),
}
free()
result.again = await resultOf(async () => (await store().update(ids[0], retitle)).title === title)
result.read = read(ids[0]).title === title
result.end = await resultOf(list)
process.stdout.write(JSON.stringify(result))

function fill() {
  const path = join(home, 'filler')
  const file = openSync(path, 'w')
  try {
    for (;;) writeSync(file, Buffer.alloc(4096))
  } catch (error) {
    if (error.code !== 'ENOSPC') throw error
  }

  closeSync(file)
  return () => rmSync(path)
}

function mountReadOnly() {
  execFileSync('mount', ['-o', 'remount,ro', home])
  return () => execFileSync('mount', ['-o', 'remount,rw', home])
}
