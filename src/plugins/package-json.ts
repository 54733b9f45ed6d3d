import {readFile, realpath} from 'node:fs/promises'
import {createRequire} from 'node:module'
import {join} from 'node:path'
import {Failure, messageOf} from 'clinvk-kit/errors/failure'

/** The keys of a package.json that clinvk reads. `oclif` and `clinvk` may contain anything. */
export interface PackageJson {
  readonly name: string
  readonly version: string
  readonly description?: unknown
  readonly oclif?: unknown
  readonly clinvk?: unknown
  readonly scripts?: Readonly<Record<string, string>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly repository?: unknown
}

/** The package.json of a plugin. Throws a Failure when there is none, or it cannot be read. */
export async function readPackage(root: string): Promise<PackageJson> {
  try {
    const found: unknown = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
    if (typeof found !== 'object' || found === null) throw new Error('it contains no object')
    return found as PackageJson
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT'
    const why = isMissing ? 'it has no package.json' : `its package.json cannot be read: ${messageOf(error)}`
    throw new Failure('usage', `${root} is not a plugin: ${why}.`)
  }
}

/** The package that Node finds by this name from a directory, whatever its `exports` say. */
export async function findPackage(name: string, from: string): Promise<FoundPackage | undefined> {
  for (const place of createRequire(join(from, 'package.json')).resolve.paths(name) ?? []) {
    const root = join(place, name)
    const pjson = await readPackage(root).catch(() => undefined)
    if (pjson) return {root: await realpath(root), pjson}
  }
  return undefined
}

export interface FoundPackage {
  readonly root: string
  readonly pjson: PackageJson
}

/**
 * The plugins below the `oclif.plugins` of a package, at any depth. Each comes once, because packages may declare
 * themselves and each other. `found` is undefined when one is not installed.
 */
export async function declaredPlugins(top: FoundPackage): Promise<{name: string; found?: FoundPackage}[]> {
  const seen = new Set([top.pjson.name])
  const declared: {name: string; found?: FoundPackage}[] = []
  const packages = [top]
  for (const {pjson, root} of packages) {
    for (const name of declaredNames(pjson).filter((one) => !seen.has(one))) {
      seen.add(name)
      const found = await findPackage(name, root)
      declared.push({name, found})
      if (found) packages.push(found)
    }
  }
  return declared
}

/** The dependencies that a package declares as plugins: oclif allows names, and patterns with `*`. */
function declaredNames({dependencies, oclif}: PackageJson): string[] {
  const {plugins} = objectOf(oclif)
  const patterns = Array.isArray(plugins) ? plugins.filter((pattern) => typeof pattern === 'string') : []
  return Object.keys(dependencies ?? {}).filter((name) => matchesAny(name, patterns))
}

/** `*` stands for any characters except `/`. */
export function matchesAny(name: string, patterns: readonly string[]): boolean {
  const parts = name.split('/')
  return patterns.some((pattern) => {
    const wanted = pattern.split('/')
    return wanted.length === parts.length && wanted.every((part, index) => matches(parts[index]!, part))
  })
}

/** Without a regular expression: a pattern of a plugin with many `*` would take for ever. */
function matches(text: string, pattern: string): boolean {
  const [first = '', ...pieces] = pattern.split('*')
  const last = pieces.pop()
  if (last === undefined || !text.startsWith(first)) return text === pattern
  let end = first.length
  for (const piece of pieces) {
    const found = text.indexOf(piece, end)
    if (found === -1) return false
    end = found + piece.length
  }
  return text.length - end >= last.length && text.endsWith(last)
}

export function backendNames({clinvk}: {readonly clinvk?: unknown}): string[] {
  return Object.keys(objectOf(objectOf(clinvk).backends))
}

export function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}
