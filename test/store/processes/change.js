// One change of a store, with a signal to itself before one of its steps, by number or name:
// change.js HOME WHAT SESSION [SIGNAL STEP]
import {writeSync} from 'node:fs'
import {SessionStore} from 'clinvk-plugin-sessions/store'
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
const stop = beforeEachStep((number, name) => {
  if (isSent || (number !== Number(step) && name !== step)) return
  isSent = true
  writeSync(1, `step ${number} is ${name}\n`)
  process.kill(process.pid, signal)
})
changes[what]()
stop()
writeSync(1, 'done\n')
