import assert from 'node:assert/strict'
import {readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {ROOT, type Sandbox} from './sandbox.js'

interface Metafile {
  readonly outputs: Readonly<Record<string, {readonly inputs: Readonly<Record<string, unknown>>}>>
}

/**
 * The files that `clinvk <words>` loads, by their path in the checkout: those of the build, and the sources in them.
 * V8 lists every script that ran when Node is asked for coverage, so nothing has to be loaded to watch the loading.
 */
export async function loadedModules(
  user: Sandbox,
  words: readonly string[],
  stdin = '',
): Promise<{files: string[]; sources: string[]}> {
  const directory = user.directory('coverage')
  const {child, finished} = user.start(words, {stdin, env: {NODE_V8_COVERAGE: directory}})
  const {code, stderr} = await finished
  assert.equal(code, 0, stderr)
  const {outputs} = JSON.parse(readFileSync(join(ROOT, 'dist/metafile.json'), 'utf8')) as Metafile
  // Agents are processes of their own, and write files of their own.
  const files = readdirSync(directory)
    .filter((name) => name.startsWith(`coverage-${child.pid!}-`))
    .flatMap((name) => scriptsIn(join(directory, name)))
  return {files, sources: files.flatMap((file) => Object.keys(outputs[file]?.inputs ?? {})).sort()}
}

function scriptsIn(coverage: string): string[] {
  const {result} = JSON.parse(readFileSync(coverage, 'utf8')) as {result: readonly {url: string}[]}
  return result
    .filter(({url}) => url.startsWith('file:'))
    .map(({url}) => fileURLToPath(url))
    .filter((path) => path.startsWith(ROOT))
    .map((path) => path.slice(ROOT.length).replaceAll('\\', '/'))
}
