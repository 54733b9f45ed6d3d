import {homedir} from 'node:os'
import {join} from 'node:path'
import {CodeCache} from './code-cache.js'
import {Scripts} from './scripts.js'

/** The ids of all commands; the build puts them in. */
declare const COMMANDS: readonly string[]

/**
 * Runs clinvk from its bundle, with what V8 has kept of it. A script of its own,
 * and small, since of this one nothing is kept.
 */
export function start(root: string): void {
  const cache = new CodeCache(cacheDirectory(process.env), purposeOf(process.argv.slice(2)))
  const scripts = new Scripts(cache)
  const bundle = scripts.load(join(root, 'dist/bundle/main.cjs')) as {
    runProcess: (root: string) => Promise<never>
  }
  void bundle.runProcess(root)
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
