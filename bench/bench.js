// `npm run bench`: how fast clinvk is, as far as possible in multiples of `node -e 0`. README.md says how to read it.
import {execFileSync} from 'node:child_process'
import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {parseArgs} from 'node:util'
import {build, root} from './build.js'
import {installed, uninstall} from './installed.js'
import {measure} from './measure.js'
import {Place} from './place.js'
import {markdownOf, tableOf} from './report.js'
import {saveResults} from './save-results.js'
import {subjects} from './subjects.js'

const {values: options} = parseArgs({
  options: {
    only: {type: 'string', multiple: true, default: ['']},
    pairs: {type: 'string', default: '21'},
    node: {type: 'string', multiple: true, default: ['']},
    compare: {type: 'string'},
    others: {type: 'boolean', default: false},
    markdown: {type: 'boolean', default: false},
  },
})
const pairs = Math.max(15, Number(options.pairs))
const wanted = subjects.filter(
  ({isOther = false, name}) =>
    options.only.some((only) => name.startsWith(only)) && (!isOther || options.others),
)
if (wanted.length === 0) throw new Error(`Subjects are: ${subjects.map(({name}) => name).join(', ')}.`)

const work = mkdtempSync(join(tmpdir(), 'clinvk-bench-'))
const built = options.compare === undefined ? undefined : build(options.compare)
try {
  const builds = [
    ...(built ? [{name: options.compare, directory: built.directory}] : []),
    {name: built ? 'here' : 'clinvk', directory: root},
  ]
  const runs = []
  for (const version of options.node) {
    const node = nodeOf(version)
    const places = builds.map(({directory, name}) => {
      const home = join(work, `${version}-${name.replaceAll('/', '-')}`)
      return new Place({home, node, program: join(directory, 'bin/run.js')})
    })
    const run = {node: execFileSync(node, ['-p', 'process.versions.node'], {encoding: 'utf8'}).trim()}
    run.rows = (await measure(wanted, places, pairs)).map((row) => ({
      ...row,
      most: goalOn(run.node, row.most),
    }))
    runs.push(run)
    saveResults('bench', {...run, pairs, ...(built ? {compared_with: options.compare} : {})})
    if (options.markdown) continue
    console.log(
      `Node ${run.node}, ${process.platform} ${process.arch}; medians of ${pairs} pairs, quartiles in brackets\n`,
    )
    console.log(
      `${tableOf(
        run.rows,
        builds.map(({name}) => name),
      )}\n`,
    )
  }

  if (options.markdown) console.log(markdownOf(runs))
} finally {
  built?.remove()
  uninstall()
  rmSync(work, {recursive: true, force: true})
}

function goalOn(node, most) {
  return typeof most === 'object' ? most[Number.parseInt(node) < 22 ? 20 : 24] : most
}

/** The program of a version of Node, from npm; without a version the one that runs this. */
function nodeOf(version) {
  return version === '' ? process.execPath : join(installed(`node@${version}`), 'node/bin/node')
}
