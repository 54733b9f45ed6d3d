// Prints how large clinvk is and the limits that it keeps; fails when one is exceeded. `npm run sizes`
import {execFileSync} from 'node:child_process'
import {lstatSync, readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: ROOT,
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => /\.[cm]?[jt]s$/.test(file) && !/fixtures\/|templates\/|known-settings/.test(file))
  .map((file) => ({file, text: readFileSync(join(ROOT, file), 'utf8')}))
  .map(({file, text}) => ({file, bytes: text.length, lines: text.split('\n').length - 1}))
const sources = files.filter(({file}) => /^(src|plugins|build|bin)\//.test(file))
const tests = files.filter(({file}) => file.startsWith('test/'))
const packages = installed()

const LIMITS = [
  ['lines of source', sum(sources, 'lines'), 43_100],
  ['kB of source', Math.round(sum(sources, 'bytes') / 1000), 1825],
  ['source files', sources.length, 475],
  ['source files under 20 lines', sources.filter(({lines}) => lines < 20).length, 18],
  // The contract is one page.
  [
    'source files over 300 lines',
    sources.filter(({file, lines}) => lines > 300 && file !== 'plugins/contract/src/contract.ts').length,
    0,
  ],
  ['lines of tests', sum(tests, 'lines'), 27_300],
  ['packages of others', packages.length, 200],
  ['MiB of them', Math.round(packages.reduce((total, path) => total + sizeOf(path), 0) / 2 ** 20), 27],
]
for (const [what, found, limit] of LIMITS) {
  console.log(
    `${String(found).padStart(7)}  at most ${String(limit).padStart(6)}  ${what}${found > limit ? '  TOO MANY' : ''}`,
  )
  if (found > limit) process.exitCode = 1
}

function sum(list, field) {
  return list.reduce((total, entry) => total + entry[field], 0)
}

/** The directories of the packages that come with clinvk: what is not inlined, with all that is bundled in it. */
function installed() {
  const {packages} = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8'))
  const names = Object.keys(packages[''].dependencies)
  return Object.keys(packages)
    .filter((path) => names.some((name) => `${path}/`.startsWith(`node_modules/${name}/`)))
    .map((path) => join(ROOT, path))
}

/** Of a package that is not installed here, as those for another system, nothing. Packages inside count for themselves. */
function sizeOf(path) {
  const stats = lstatSync(path, {throwIfNoEntry: false})
  if (!stats?.isDirectory()) return stats?.size ?? 0
  return readdirSync(path)
    .filter((name) => name !== 'node_modules')
    .reduce((total, name) => total + sizeOf(join(path, name)), 0)
}
