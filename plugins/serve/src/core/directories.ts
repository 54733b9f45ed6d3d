import {realpathSync, statSync} from 'node:fs'
import {isAbsolute, relative, resolve} from 'node:path'
import {Failure} from 'clinvk-kit/errors/failure'
import {ServerFailure} from './errors.js'
import type {ServeSettings} from './settings.js'

/** Where turns may run. */
export class Directories {
  /** With links resolved; those that do not exist are left out. */
  readonly #roots: readonly string[]
  readonly #named: readonly string[]
  /** Where a turn runs that names no directory. */
  readonly usual: string

  /** `cwd`: where the server was started. */
  constructor({directories}: Pick<ServeSettings, 'directories'>, cwd: string) {
    this.#named = (directories ?? [cwd]).map((path) => resolve(cwd, path))
    this.#roots = this.#named.flatMap((path) => realOf(path) ?? [])
    const here = realOf(cwd)
    this.usual = here !== undefined && this.#has(here) ? here : (this.#roots[0] ?? cwd)
  }

  /** The real path of a directory that a client names. Throws a ServerFailure. */
  check(path: unknown, field: string): string {
    if (typeof path !== 'string' || path.includes('\0') || !isAbsolute(path))
      throw new Failure('usage', `${field} must be the absolute path of a directory.`)
    const real = realOf(path)
    // Of what lies elsewhere nobody learns whether it exists.
    if (!this.#has(real ?? resolve(path)))
      throw new ServerFailure('ceiling', `${field} is not below a directory that clients may use.`, [
        'Allow it: server.directories in config.yaml',
      ])
    if (real === undefined || !statSync(real).isDirectory())
      throw new Failure('usage', `${field}: Directory not found: ${path}`)
    return real
  }

  /** Throws a ServerFailure where one of these real paths has become another one. */
  checkAgain(paths: readonly string[]): void {
    for (const path of paths) this.check(path, path)
  }

  #has(path: string): boolean {
    return [...this.#roots, ...(realOf(path) === undefined ? this.#named : [])].some((root) => {
      const below = relative(root, path)
      return below === '' || (below !== '..' && !/^\.\.[\\/]/.test(below) && !isAbsolute(below))
    })
  }
}

function realOf(path: string): string | undefined {
  try {
    return realpathSync(path)
  } catch {
    return undefined
  }
}
