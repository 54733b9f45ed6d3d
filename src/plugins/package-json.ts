import {readFile} from 'node:fs/promises'
import {createRequire} from 'node:module'
import {dirname, join} from 'node:path'
import {Failure, messageOf} from 'clinvk-kit/errors/failure'

export interface PackageJson {
  readonly name: string
  readonly version: string
  readonly description?: unknown
  readonly oclif?: unknown
  readonly clinvk?: unknown
  readonly scripts?: Readonly<Record<string, string>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly repository?: unknown
  readonly deprecated?: unknown
}

/** The package.json of a plugin. Throws a Failure when there is none, or it cannot be read. */
export async function readPackage(root: string): Promise<PackageJson> {
  const file = join(root, 'package.json')
  try {
    return await readJson<PackageJson>(file)
  } catch (error) {
    throw new Failure(
      'usage',
      (error as NodeJS.ErrnoException).code === 'ENOENT'
        ? `${root} is not a plugin: it has no package.json.`
        : `${root} is not a plugin: its package.json cannot be read: ${messageOf(error)}`,
    )
  }
}

/** The package that Node finds by this name from a directory, whatever its `exports` say. */
export async function findPackage(name: string, from: string): Promise<FoundPackage | undefined> {
  for (const place of createRequire(join(from, 'package.json')).resolve.paths(name) ?? []) {
    const file = join(place, name, 'package.json')
    const pjson = await readJson<PackageJson>(file).catch(() => undefined)
    if (pjson) return {root: dirname(file), pjson}
  }

  return undefined
}

export interface FoundPackage {
  readonly root: string
  readonly pjson: PackageJson
}

/** The JSON object in a file. */
export async function readJson<T extends object>(file: string): Promise<T> {
  const found: unknown = JSON.parse(await readFile(file, 'utf8'))
  if (typeof found !== 'object' || found === null) throw new Error(`${file} contains no object`)
  return found as T
}
