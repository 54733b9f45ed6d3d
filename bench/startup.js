// How long clinvk takes to start, as a multiple of what Node itself takes: `npm run bench [-- PAIRS]`.
// Each run of clinvk is paired with a run of `node -e 0` just before it, so what else the machine does
// hits both. README.md says how to read the table.
import {mkdirSync, mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {fillPlugins} from './fill-plugins.js'
import {fillStore} from './fill-store.js'
import {quartiles} from './quartiles.js'
import {saveResults} from './save-results.js'
import {timeNode} from './time-node.js'

const PAIRS = Math.max(15, Number(process.argv[2] ?? 21))
const clinvk = fileURLToPath(new URL('../bin/run.js', import.meta.url))
const home = mkdtempSync(join(tmpdir(), 'clinvk-bench-'))

try {
  const prompts = join(home, 'prompts')
  const hundred = join(home, 'hundred')
  const plugins = join(home, 'plugins')
  for (const directory of [prompts, hundred, plugins]) mkdirSync(directory)
  fillStore(clinvk, hundred, 100)
  fillPlugins(plugins, 10)
  const subjects = [
    {title: 'clinvk --version', args: ['--version'], home: hundred},
    {title: 'clinvk --help', args: ['--help'], home: hundred},
    {title: 'clinvk sessions list (100 sessions)', args: ['sessions', 'list'], home: hundred},
    {title: 'clinvk __complete -- sess', args: ['__complete', '--', 'sess'], home: hundred},
    {title: 'clinvk -b echo x (a whole turn)', args: ['-b', 'echo', 'x'], home: prompts},
  ].map((subject) => ({...subject, pairs: []}))
  const withPlugins = []

  // The first round fills the caches of the system and is not counted.
  for (let round = 0; round <= PAIRS; round++) {
    for (const {args, home, pairs} of subjects) {
      const base = timeNode(['-e', '0'], home)
      const ms = timeNode([clinvk, ...args], home)
      if (round > 0) pairs.push({base, ms, ratio: ms / base})
    }

    const [none, ten] = helpTimes(round % 2 === 0 ? [prompts, plugins] : [plugins, prompts], plugins)
    if (round > 0) withPlugins.push(ten / none)
  }

  const rows = subjects.map(({pairs, title}) => ({
    title,
    ratio: quartiles(pairs.map(({ratio}) => ratio)),
    ms: quartiles(pairs.map(({ms}) => ms)),
    node_ms: quartiles(pairs.map(({base}) => base)),
  }))
  const plugged = quartiles(withPlugins)
  print(rows)
  console.log(
    `\nclinvk --help with ten plugins of the user takes ${ratioOf(plugged)} times what it takes with none; 1.10 is the most`,
  )
  saveResults('startup', {pairs: PAIRS, rows, help_with_ten_plugins: plugged})
} finally {
  rmSync(home, {recursive: true, force: true})
}

/** Milliseconds of `clinvk --help` without and with plugins, one just after the other, in this order of their homes. */
function helpTimes(homes, plugins) {
  const times = homes.map((home) => timeNode([clinvk, '--help'], home))
  return homes[0] === plugins ? times.reverse() : times
}

function ratioOf({lower, median, upper}) {
  return `${median.toFixed(2)} (${lower.toFixed(2)} - ${upper.toFixed(2)})`
}

function print(rows) {
  console.log(
    `Node ${process.version}, ${process.platform} ${process.arch}, medians of ${PAIRS} pairs, in brackets the quartiles\n`,
  )
  console.log(line('', 'x node -e 0', '', 'ms', 'node ms'))
  for (const {ms, node_ms: node, ratio, title} of rows) {
    const spread = `(${ratio.lower.toFixed(2)} - ${ratio.upper.toFixed(2)})`
    console.log(line(title, ratio.median.toFixed(2), spread, ms.median.toFixed(0), node.median.toFixed(0)))
  }
}

function line(title, ratio, spread, ms, node) {
  return [title.padEnd(36), ratio.padStart(11), spread.padEnd(13), ms.padStart(6), node.padStart(8)].join(' ')
}
