import assert from 'node:assert/strict'
import {readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {ROOT, type Sandbox} from './sandbox.js'

export interface Loaded {
  /** Our files, by their path in the checkout. */
  readonly own: readonly string[]
  /** The packages of others, by name. */
  readonly packages: readonly string[]
}

/**
 * What `clinvk <words>` loads, ES modules and CommonJS alike: V8 lists every
 * script that ran when Node is asked for coverage, so nothing has to be loaded
 * to watch the loading.
 */
export async function loadedModules(user: Sandbox, words: readonly string[]): Promise<Loaded> {
  const directory = user.directory('coverage')
  const {child, finished} = user.start(words, {env: {NODE_V8_COVERAGE: directory}})
  const {code, stderr} = await finished
  assert.equal(code, 0, stderr)
  // Agents are processes of their own, and write files of their own.
  const files = readdirSync(directory).filter((name) => name.startsWith(`coverage-${child.pid!}-`))
  const paths = files.flatMap((name) => scripts(join(directory, name)))
  const [foreign, own] = [true, false].map((wanted) =>
    paths.filter((path) => path.includes('node_modules/') === wanted),
  )
  return {own: own!, packages: [...new Set(foreign!.map((path) => packageOf(path)))]}
}

function scripts(file: string): string[] {
  const {result} = JSON.parse(readFileSync(file, 'utf8')) as {result: {url: string}[]}
  return result
    .filter(({url}) => url.startsWith('file:'))
    .map(({url}) => fileURLToPath(url).slice(ROOT.length).replaceAll('\\', '/'))
}

/** `node_modules/@oclif/core/lib/index.js` is of `@oclif/core`. */
function packageOf(path: string): string {
  const [scope, name] = path.split('node_modules/').at(-1)!.split('/')
  return scope!.startsWith('@') ? `${scope!}/${name!}` : scope!
}
