import {readFileSync} from 'node:fs'
import {createRequire} from 'node:module'

/** What `node:sqlite` and `libsql` have in common, as far as it is used. */
export interface Database {
  exec(sql: string): void
  prepare(sql: string): Statement
  close(): void
}

export interface Statement {
  run(...values: readonly Value[]): {readonly lastInsertRowid: number | bigint}
  get(...values: readonly Value[]): unknown
  all(...values: readonly Value[]): unknown[]
}

export type Value = string | number | null

export type OpenDatabase = (path: string) => Database

/** Opens SQLite files, or makes new ones; undefined where this Node has no SQLite and `libsql` is not installed. */
export function sqliteDriver(): OpenDatabase | undefined {
  const emit = Reflect.get(process, 'emitWarning')
  // Node 22 calls it experimental.
  process.emitWarning = () => undefined
  try {
    const native = process.getBuiltinModule('node:sqlite') as NodeSqlite | undefined
    if (native) return (path) => new native.DatabaseSync(path)
    const require = createRequire(import.meta.url)
    hastenLibsql(require.resolve('libsql'))
    const Libsql = require('libsql') as new (path: string) => Database
    return (path) => new Libsql(path)
  } catch {
    return undefined
  } finally {
    process.emitWarning = emit
  }
}

interface NodeSqlite {
  readonly DatabaseSync: new (path: string) => Database
}

/**
 * To find its binary, libsql has Node write a report on the process and reads programs of the system, which takes six
 * times as long as to load it. What is mapped into this process says the same.
 */
function hastenLibsql(libsql: string): void {
  if (process.platform !== 'linux' || !['x64', 'arm64'].includes(process.arch)) return
  const require = createRequire(libsql)
  const isMusl = readFileSync('/proc/self/maps', 'latin1').includes('ld-musl')
  const family = isMusl ? 'musl' : 'glibc'
  const answers = {
    '@neon-rs/load': {currentTarget: () => `linux-${process.arch}-${isMusl ? 'musl' : 'gnu'}`},
    'detect-libc': {familySync: () => family, GLIBC: 'glibc', MUSL: 'musl'},
  }
  for (const [name, exports] of Object.entries(answers)) {
    const path = require.resolve(name)
    require.cache[path] ??= {
      id: path,
      path,
      filename: path,
      loaded: true,
      exports,
    } as unknown as NodeJS.Module
  }
}
