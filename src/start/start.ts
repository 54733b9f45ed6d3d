import {readFileSync} from 'node:fs'
import {homedir} from 'node:os'
import {dirname, join} from 'node:path'
import {Script} from 'node:vm'
import {CodeCache} from './code-cache.js'

/** The ids of all commands; the build puts them in. */
declare const COMMANDS: readonly string[]

/** Node's, which this script has: it is built as CommonJS. */
declare const require: NodeJS.Require

/**
 * Runs clinvk from its bundle, with what V8 has kept of it. A script of its own,
 * and small, since of this one nothing is kept.
 */
export function start(root: string): void {
  const cache = new CodeCache(cacheDirectory(process.env), purposeOf(process.argv.slice(2)))
  const bundle = load(join(root, 'dist/bundle/main.cjs'), cache) as {main: (root: string) => Promise<never>}
  void bundle.main(root)
}

/** What the script in `file` exports. */
function load(file: string, cache: CodeCache): unknown {
  // Scripts of the build are ASCII.
  const source = readFileSync(file, 'latin1')
  const cachedData = cache.read(file)
  const script = new Script(`(function (exports, require, module, __filename, __dirname) {${source}\n})`, {
    filename: file,
    ...(cachedData ? {cachedData} : {}),
  })
  if (!cachedData || script.cachedDataRejected) cache.keep(file, script)
  const module = {exports: {}}
  const run = script.runInThisContext() as (...words: unknown[]) => void
  run(module.exports, requireFrom(file, module, cache), module, file, dirname(file))
  return module.exports
}

/** `require` as the script in `file` has it: that of this script, which stands beside it, as far as Node is asked. */
function requireFrom(file: string, module: {readonly exports: unknown}, cache: CodeCache): object {
  const loaded = new Map<string, unknown>()
  const requireOne = (id: string): unknown => {
    // oclif asks for commands and hooks by the file that they are in.
    if (id === file) return module.exports
    if (id.startsWith('file:')) return imported(id)
    if (!id.startsWith('./')) return require(id) as unknown
    if (!loaded.has(id)) loaded.set(id, load(join(dirname(file), id), cache))
    return loaded.get(id)
  }

  // That asks for it first where it is.
  const resolve = (id: string, options?: {paths?: string[]}) =>
    id === file ? id : require.resolve(id, options)
  return Object.assign(requireOne, {main: require.main, resolve: Object.assign(resolve, require.resolve)})
}

/**
 * A script from a cache cannot `import()`, so esbuild has made of each
 * `Promise.resolve().then(() => __toESM(require(…)))`. Of what is no part of the
 * bundle, the modules of backends and of users' plugins, the address is known only
 * now. It may be an ES module, which comes later: so `require` gives something
 * that such a promise waits for.
 */
function imported(address: string): object {
  const module = import(address)
  return {__esModule: true, then: module.then.bind(module)}
}

/** Below the directory where oclif keeps what can be made again, before there is oclif. */
function cacheDirectory(env: NodeJS.ProcessEnv): string {
  const {CLINVK_CACHE_DIR: own, CLINVK_HOME: home, HOME: user = homedir(), XDG_CACHE_HOME: xdg} = env
  if (own) return join(own, 'code')
  if (home) return join(home, 'cache/code')
  const place = process.platform === 'darwin' ? 'Library/Caches' : '.cache'
  return join(process.platform !== 'darwin' && xdg ? xdg : join(user, place), 'clinvk/code')
}

/** What a command line is about, as far as it decides which functions run. A wrong guess only costs time. */
function purposeOf(argv: readonly string[]): string {
  const [first = '', second = ''] = argv
  if (argv.length === 0 || argv.includes('--help') || argv.includes('-h')) return 'help'
  if (first === '--version' || first === '-v') return 'version'
  if (first === '__complete') return 'complete'
  const command = [`${first}:${second}`, first].find((id) => COMMANDS.includes(id))
  return (command ?? 'prompt').replaceAll(':', '-')
}
