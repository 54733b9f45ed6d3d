// One change of a store, with a signal to itself before one of its steps, by its number or by what it is:
// change.js HOME WHAT SESSION [SIGNAL STEP]
import {writeSync} from 'node:fs'
import {basename} from 'node:path'
import {SessionStore} from 'clinvk-plugin-sessions/store/store'
import {beforeEachStep} from './steps.js'

const [home, what, json, signal, step] = process.argv.slice(2)
const session = JSON.parse(json)
const store = new SessionStore({CLINVK_HOME: home})
const changes = {
  create: () => store.create(session),
  update: () => store.update(session.id, (current) => Object.assign(current, session)),
  delete: () => store.delete(session.id, () => true),
  list: () => store.list({}, {limit: 20}),
}
let isSent = false
const stop = beforeEachStep((number, name, [path]) => {
  if (isSent || ![String(number), name, `${name} ${basename(String(path))}`].includes(step)) return
  isSent = true
  writeSync(1, `step ${number} is ${name}\n`)
  process.kill(process.pid, signal)
})
await changes[what]()
stop()
writeSync(1, 'done\n')
