// One question to a store, asked in a process of its own whose modules are loaded: store-task.js HOME TASK [ARGUMENT].
// Prints the milliseconds that it took, or two of them to be compared, and the most memory that was used, in MiB.
import {
  closeSync,
  fsyncSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import {join} from 'node:path'
import {SessionStore} from 'clinvk-plugin-sessions/store/store'

const [home, task, argument] = process.argv.slice(2)
const store = new SessionStore({CLINVK_HOME: home})
const tasks = {
  list: () => store.list({}, {limit: 20}).sessions.length === 20,
  backend: () => store.list({backend: 'echo'}, {limit: 20}).sessions.length === 20,
  prefix: () => store.startingWith(argument).length === 1,
  name: () => store.named(argument) !== undefined,
  noName: () => store.named(argument) === undefined,
  directory: () => store.newest({directory: argument, resumable: true}) !== undefined,
  noDirectory: () => store.newest({directory: argument, resumable: true}) === undefined,
  // As `sessions clean` does.
  clean: async () => {
    const {sessions} = store.list({before: new Date()})
    return (
      (
        await store.deleteAll(
          sessions.map(({id}) => id),
          () => true,
        )
      ).length === sessions.length
    )
  },
  nothing: () => true,
}

const times = task === 'write' ? await compareWrites() : [await time(tasks[task])]
const memory = process.resourceUsage().maxRSS / 1024
process.stdout.write(`${JSON.stringify({times, memory})}\n`)

async function time(act) {
  const began = performance.now()
  const isRight = await act()
  const ms = performance.now() - began
  if (isRight === false) throw new Error(`${task} gave a wrong answer`)
  return ms
}

/** The medians of writes of one session: as the store does it, and the bare minimum that is safe. */
async function compareWrites() {
  const directory = mkdtempSync(join(home, 'bare-'))
  const content = readFileSync(join(home, 'sessions', `${argument}.json`))
  const count = (session) => void (session.turn_count = (session.turn_count ?? 0) + 1)
  const pairs = []
  for (let round = 0; round < 60; round++) {
    const ours = await time(async () => void (await store.update(argument, count)))
    pairs.push([ours, await time(() => writeBare(directory, content))])
  }

  rmSync(directory, {recursive: true})
  return [0, 1].map(
    (part) =>
      pairs
        .slice(10)
        .map((pair) => pair[part])
        .toSorted((a, b) => a - b)[25],
  )
}

function writeBare(directory, content) {
  const file = openSync(join(directory, 'new'), 'wx', 0o600)
  writeSync(file, content)
  fsyncSync(file)
  closeSync(file)
  renameSync(join(directory, 'new'), join(directory, 'session.json'))
}
