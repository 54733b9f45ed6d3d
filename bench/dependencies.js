// What the packages that clinvk depends on cost, for docs/dependencies.md: `npm run bench:dependencies`. Of each, how
// many packages it brings and their size on disk, with all of theirs; how many of them nothing else needs; and what it
// adds to the start of Node when it is imported, in milliseconds and in multiples of `node -e 0`.
import {existsSync, lstatSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import {root} from './build.js'
import {Place} from './place.js'
import {quartiles} from './quartiles.js'

const PAIRS = 15
const ours = [root, ...readdirSync(join(root, 'plugins')).map((name) => join(root, 'plugins', name))]
const direct = new Map(
  ours.flatMap((directory) =>
    Object.keys(readJson(directory).dependencies ?? {})
      .map((name) => [name, find(name, directory)])
      .filter(([, found]) => !ours.includes(found)),
  ),
)
const brought = new Map([...direct].map(([name, directory]) => [name, closure(directory)]))

const home = mkdtempSync(join(tmpdir(), 'clinvk-bench-'))
try {
  const place = new Place({home, node: process.execPath})
  console.log('| package | version | packages | alone | on disk | import |')
  console.log('| --- | --- | --- | --- | --- | --- |')
  for (const [name, all] of brought) {
    const others = new Set([...brought].flatMap(([other, more]) => (other === name ? [] : [...more])))
    const alone = [...all].filter((directory) => !others.has(directory))
    console.log(
      `| ${name} | ${readJson(direct.get(name)).version} | ${all.size} | ${alone.length} | ${mib(all)} | ${importing(place, name)} |`,
    )
  }

  const all = new Set([...brought.values()].flatMap((directories) => [...directories]))
  console.log(`\nTogether: ${all.size} packages, ${mib(all)}, and clinvk's own ${ours.length}.`)
} finally {
  rmSync(home, {recursive: true})
}

/** The directories of a package and of all that it needs. */
function closure(directory, found = new Set()) {
  if (found.has(directory) || ours.includes(directory)) return found
  found.add(directory)
  const {dependencies = {}, optionalDependencies = {}} = readJson(directory)
  for (const name of Object.keys({...dependencies, ...optionalDependencies})) {
    const next = find(name, directory)
    if (next) closure(next, found)
  }

  return found
}

/** Where Node finds a package from a directory; undefined for an optional one that is not there. */
function find(name, from) {
  const candidate = join(from, 'node_modules', name)
  if (existsSync(candidate)) return realpathSync(candidate)
  return from === dirname(from) ? undefined : find(name, dirname(from))
}

/** Imported from where it is needed, by a module that says nothing else. */
function importing(place, name) {
  const from = ours.find((directory) => name in (readJson(directory).dependencies ?? {}))
  const pairs = Array.from({length: PAIRS}, () => {
    const base = place.nothing().ms
    const more = place.run(place.node, ['--import', name, '-e', '0'], from).ms - base
    return {more, ratio: more / base}
  })
  const median = (part) => quartiles(pairs.map((pair) => pair[part])).median
  return `${median('more').toFixed(0)} ms, ${median('ratio').toFixed(1)} x`
}

function mib(directories) {
  const bytes = [...directories].reduce((sum, directory) => sum + sizeOf(directory), 0)
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`
}

/** Without the packages inside, which count for themselves. */
function sizeOf(path) {
  const stat = lstatSync(path)
  if (!stat.isDirectory()) return stat.size
  return readdirSync(path)
    .filter((name) => name !== 'node_modules')
    .reduce((sum, name) => sum + sizeOf(join(path, name)), 0)
}

function readJson(directory) {
  return JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'))
}
