import {readFile} from 'node:fs/promises'
import {join, resolve} from 'node:path'
import {discoverBackends, type BackendEntry} from 'clinvk-kit/backends/discover'
import {Failure, messageOf} from 'clinvk-kit/errors/failure'

/** A package on disk whose package.json has the key `clinvk`. */
export interface BackendPackage {
  /** Absolute. */
  readonly root: string
  readonly pjson: {
    readonly name: string
    readonly version: string
    readonly clinvk?: unknown
    readonly [key: string]: unknown
  }
  /** Empty when the descriptors cannot be used. */
  readonly backends: ReadonlyMap<string, BackendEntry>
  /** Why they cannot be used. */
  readonly problems: readonly string[]
}

/** Reads a backend package. Throws a Failure of kind `unavailable` when there is none. */
export async function readBackendPackage(directory: string): Promise<BackendPackage> {
  const root = resolve(directory)
  const path = join(root, 'package.json')
  let pjson: Partial<BackendPackage['pjson']>
  try {
    pjson = JSON.parse(await readFile(path, 'utf8')) as typeof pjson
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT'
    const why = isMissing ? 'there is no package.json' : messageOf(error)
    throw new Failure('unavailable', `There is no backend in ${root}: ${why}.`, [
      'Name an installed backend, or the directory of a package: clinvk backends test ./clinvk-backend-x',
    ])
  }

  if (pjson.clinvk === undefined) {
    throw new Failure('unavailable', `${path} has no key \`clinvk\`, so this package has no backend.`, [
      'What it must contain: docs/plugins/contract.md',
    ])
  }

  const {name = 'a package without a name', version = '0.0.0'} = pjson
  const whole = {...pjson, name, version}
  return {root, pjson: whole, ...(await discoverBackends([{name, root, pjson: whole}]))}
}

/** Also the names of a package whose descriptors cannot be used, so that the report can say why. */
export function namesOf({backends, pjson}: BackendPackage): string[] {
  if (backends.size > 0) return [...backends.keys()]
  const names = Object.keys(Object((pjson.clinvk as {backends?: unknown} | null)?.backends) as object)
  return names.length > 0 ? names : [pjson.name.replace(/^.*clinvk-backend-/, '')]
}
