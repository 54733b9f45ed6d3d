import {readFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {Script} from 'node:vm'
import type {CodeCache} from './code-cache.js'

/** Node's, which this has: it is built as CommonJS. */
declare const require: NodeJS.Require

/** The scripts of the bundle, each loaded once, with what has been kept of it. */
export class Scripts {
  readonly #cache: CodeCache
  readonly #loaded = new Map<string, {readonly exports: unknown}>()

  constructor(cache: CodeCache) {
    this.#cache = cache
  }

  /** What the script in `file` exports. */
  load(file: string): unknown {
    const loaded = this.#loaded.get(file)
    if (loaded) return loaded.exports
    // Scripts of the build are ASCII.
    const source = readFileSync(file, 'latin1')
    const cachedData = this.#cache.read(file)
    const script = new Script(`(function (exports, require, module, __filename, __dirname) {${source}\n})`, {
      filename: file,
      ...(cachedData ? {cachedData} : {}),
    })
    if (!cachedData || script.cachedDataRejected) this.#cache.keep(file, script)
    const module = {exports: {}}
    this.#loaded.set(file, module)
    const run = script.runInThisContext() as (...words: unknown[]) => void
    run(module.exports, this.#requireIn(dirname(file)), module, file, dirname(file))
    return module.exports
  }

  /** `require` as scripts in `directory` have it; Node is asked as from this script, which stands beside them. */
  #requireIn(directory: string): object {
    const load = (id: string): unknown => {
      if (id.startsWith('./')) return this.load(join(directory, id))
      if (id.startsWith('file:')) return imported(id)
      // oclif asks for commands and hooks by the file that they are in.
      return this.#loaded.has(id) ? this.load(id) : require(id)
    }

    // That asks for it first where it is.
    const resolve = (id: string, options?: {paths?: string[]}) =>
      this.#loaded.has(id) ? id : require.resolve(id, options)
    return Object.assign(load, {main: require.main, resolve: Object.assign(resolve, require.resolve)})
  }
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
