// What it takes to find and to write a session, in stores of 100 to 100,000: `npm run bench:store [-- SIZE...]`.
// README.md says how to read the table.
import {spawnSync} from 'node:child_process'
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {copyId, fillStore} from './fill-store.js'
import {quartiles} from './quartiles.js'
import {saveResults} from './save-results.js'
import {Place} from './place.js'

const SIZES = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [100, 1000, 10_000, 100_000]
const RUNS = 15
const STALE_RUNS = 5
const program = fileURLToPath(new URL('../bin/run.js', import.meta.url))
const task = fileURLToPath(new URL('store-task.js', import.meta.url))

const columns = SIZES.map((size) => {
  const home = mkdtempSync(join(tmpdir(), 'clinvk-bench-'))
  try {
    return measure(home, size)
  } finally {
    rmSync(home, {recursive: true, force: true})
  }
})
const titles = Object.keys(columns[0])
/** Milliseconds, on a machine where `node -e 0` takes 20. */
const GOALS = {
  'newest 20, with totals': 5,
  'by 8 digits of its id': 15,
  'by name': 15,
  'by a name that none has': 15,
  'last of a directory': 15,
  'last of a directory never used': 15,
  '  over a bare one': 1,
}
print()
saveResults('store', {sizes: SIZES, runs: RUNS, columns})

function measure(home, size) {
  const store = join(home, '.clinvk')
  const first = fillStore(new Place({home, node: process.execPath, program}), size)
  const some = copyId(first, Math.floor(size / 2))
  const ask = (...words) => run(store, words)
  const built = ask('list')
  const stale = Array.from({length: STALE_RUNS}, (_, round) => {
    const id = copyId(first, size + round)
    const session = {
      id,
      backend: 'echo',
      created_at: '2026-01-01T00:00:00Z',
      last_used: '2026-01-01T00:00:00Z',
    }
    writeFileSync(join(store, 'sessions', `${id}.json`), JSON.stringify(session))
    return ask('list').times[0]
  })

  const questions = {
    'newest 20, with totals': ['list'],
    'newest 20 of a backend': ['backend'],
    'by 8 digits of its id': ['prefix', some.slice(0, 8)],
    'by name': ['name', `name-${Math.floor(size / 20) * 10 + 5}`],
    'by a name that none has': ['noName', 'nobody'],
    'last of a directory': ['directory', '/srv/project-7'],
    'last of a directory never used': ['noDirectory', '/srv/never'],
  }
  const found = Object.fromEntries(Object.keys(questions).map((title) => [title, []]))
  const writes = []
  // They take turns, so a slow minute hits all of them. The first round fills the caches and is not counted.
  for (let round = 0; round <= RUNS; round++) {
    for (const [title, words] of Object.entries(questions)) {
      const {times} = ask(...words)
      if (round > 0) found[title].push(times[0])
    }

    if (round > 0 && round % 3 === 0) writes.push(ask('write', some).times)
  }

  const median = (numbers) => quartiles(numbers).median
  return {
    ...Object.fromEntries(Object.entries(found).map(([title, times]) => [title, median(times)])),
    'a write': median(writes.map(([ours]) => ours)),
    '  over a bare one': median(writes.map(([ours, bare]) => ours - bare)),
    'newest 20 after a foreign change': median(stale),
    'newest 20 without an index': built.times[0],
    'memory of the newest 20, MiB more': ask('list').memory - ask('nothing').memory,
    'deletes all, as `sessions clean`': ask('clean').times[0],
  }
}

function run(store, words) {
  const {error, status, stderr, stdout} = spawnSync(process.execPath, [task, store, ...words], {
    env: {PATH: process.env.PATH},
    encoding: 'utf8',
  })
  if (error) throw error
  if (status !== 0) throw new Error(`${words.join(' ')} ended with ${status}.\n${stderr}`)
  return JSON.parse(stdout)
}

function print() {
  const heads = SIZES.map((size) => size.toLocaleString('en'))
  console.log(
    `Node ${process.version}, ${process.platform} ${process.arch}, medians of ${RUNS} processes, ms\n`,
  )
  console.log(line('sessions', [...heads, 'goal']))
  for (const title of titles) {
    const cells = columns.map((column) => column[title].toFixed(2))
    console.log(line(title, [...cells, GOALS[title] === undefined ? '' : `<= ${GOALS[title]}`]).trimEnd())
  }
}

function line(title, cells) {
  return [title.padEnd(34), ...cells.map((cell) => cell.padStart(9))].join(' ')
}
