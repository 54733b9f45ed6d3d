// One of many writers: once it is told to go, it counts turns of the sessions that all share, and makes its own:
// count.js HOME SHARED OWN TURNS
import {readSync, writeSync} from 'node:fs'
import {SessionStore} from 'clinvk-plugin-sessions/store/store'

const [home, shared, own, turns] = process.argv.slice(2)
const store = new SessionStore({CLINVK_HOME: home})
const count = (session) => {
  session.turn_count++
  session.tags.push(`${own} ${session.turn_count}`)
}
writeSync(1, 'ready\n')
// Until then it waits.
readSync(0, Buffer.alloc(1))
for (let turn = 1; turn <= Number(turns); turn++) {
  await store.update(shared, count)
  if (turn === 1) await store.create({...store.get(shared), id: own, turn_count: 0, tags: [], title: own})
  await store.update(own, count)
}

writeSync(1, 'done\n')
