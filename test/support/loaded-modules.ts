import assert from 'node:assert/strict'
import {readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {ROOT, type Sandbox} from './sandbox.js'

export interface Loaded {
  /** Files that were read, by their path in the checkout. */
  readonly files: readonly string[]
  /** Modules of ours that ran, in these files, by the path of their source. */
  readonly own: readonly string[]
  /** The packages of others that ran, by name. */
  readonly packages: readonly string[]
}

/**
 * What `clinvk <words>` loads: V8 lists every script and function that ran when Node
 * is asked for coverage, so nothing has to be loaded to watch the loading. In the
 * bundle each module is a function whose name is the path of its source.
 */
export async function loadedModules(user: Sandbox, words: readonly string[]): Promise<Loaded> {
  const directory = user.directory('coverage')
  const {child, finished} = user.start(words, {env: {NODE_V8_COVERAGE: directory}})
  const {code, stderr} = await finished
  assert.equal(code, 0, stderr)
  // Agents are processes of their own, and write files of their own.
  const names = readdirSync(directory).filter((name) => name.startsWith(`coverage-${child.pid!}-`))
  const scripts = names.flatMap((name) => scriptsIn(join(directory, name)))
  const modules = [...new Set(scripts.flatMap(({modules}) => modules))]
  const [foreign, own] = [true, false].map((wanted) =>
    modules.filter((path) => path.includes('node_modules/') === wanted),
  )
  return {
    files: scripts.map(({file}) => file),
    own: own!.sort(),
    packages: [...new Set(foreign!.map((path) => packageOf(path)))].sort(),
  }
}

interface Covered {
  readonly url: string
  readonly functions: readonly {
    readonly functionName: string
    readonly ranges: readonly {readonly count: number}[]
  }[]
}

function scriptsIn(coverage: string): {file: string; modules: string[]}[] {
  const {result} = JSON.parse(readFileSync(coverage, 'utf8')) as {result: Covered[]}
  return result
    .map(({functions, url}) => ({functions, path: url.startsWith('file:') ? fileURLToPath(url) : url}))
    .filter(({path}) => path.startsWith(ROOT))
    .map(({functions, path}) => ({
      file: path.slice(ROOT.length).replaceAll('\\', '/'),
      modules: functions
        .filter(({functionName, ranges}) => /^[^:]+\.[cm]?[jt]s$/.test(functionName) && ranges[0]!.count > 0)
        .map(({functionName}) => functionName),
    }))
}

/** `node_modules/@oclif/core/lib/index.js` is of `@oclif/core`. */
function packageOf(path: string): string {
  const [scope, name] = path.split('node_modules/').at(-1)!.split('/')
  return scope!.startsWith('@') ? `${scope!}/${name!}` : scope!
}
