// An import reads each export of a module, and some of `node:fs` load more.
const {existsSync, lstatSync, mkdirSync} = process.getBuiltinModule('node:fs')
const {homedir} = process.getBuiltinModule('node:os')
const {dirname, join} = process.getBuiltinModule('node:path')

/**
 * Where Node keeps what it has compiled of clinvk, below clinvk's cache directory. Node runs what it finds there, so
 * nobody else may be able to write to it: undefined where that is not certain, or where it cannot be made.
 */
export function compileCacheDirectory(env) {
  const directory = join(cacheDirectory(env), 'compiled')
  try {
    makeDirectory(directory)
    return isPrivate(directory) ? directory : undefined
  } catch {
    return undefined
  }
}

function cacheDirectory({CLINVK_CACHE_DIR, CLINVK_HOME, HOME = homedir(), XDG_CACHE_HOME}) {
  if (CLINVK_CACHE_DIR) return CLINVK_CACHE_DIR
  if (CLINVK_HOME) return join(CLINVK_HOME, 'cache')
  if (process.platform === 'darwin') return join(HOME, 'Library/Caches/clinvk')
  return join(XDG_CACHE_HOME || join(HOME, '.cache'), 'clinvk')
}

/** Step by step: with `recursive`, Node never stops where no directory can be made, as below `/proc`. */
function makeDirectory(directory) {
  if (existsSync(directory)) return
  if (dirname(directory) !== directory) makeDirectory(dirname(directory))
  mkdirSync(directory, {mode: 0o700})
}

function isPrivate(directory) {
  const stats = lstatSync(directory)
  if (process.getuid === undefined) return stats.isDirectory()
  return stats.isDirectory() && stats.uid === process.getuid() && (stats.mode & 0o077) === 0
}
