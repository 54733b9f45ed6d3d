import {readFile} from 'node:fs/promises'
import {join, resolve} from 'node:path'
import type {Descriptor} from 'clinvk-contract'
import {discoverBackends, type BackendEntry} from 'clinvk-kit/backends/discover'
import {Failure, messageOf} from 'clinvk-kit/errors/failure'

/** A package on disk whose package.json has the key `clinvk`. */
export interface BackendPackage {
  /** Absolute. */
  readonly root: string
  readonly pjson: PackageJson
  /** Empty when the descriptors cannot be used. */
  readonly backends: ReadonlyMap<string, BackendEntry>
  /** Why they cannot be used. */
  readonly problems: readonly string[]
}

export interface PackageJson {
  readonly name: string
  readonly version: string
  readonly clinvk?: unknown
  readonly [key: string]: unknown
}

/** Reads a backend package. Throws a Failure of kind `unavailable` when there is none. */
export async function readBackendPackage(directory: string): Promise<BackendPackage> {
  const root = resolve(directory)
  const path = join(root, 'package.json')
  let pjson: Partial<PackageJson>
  try {
    pjson = JSON.parse(await readFile(path, 'utf8')) as Partial<PackageJson>
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
  return {root, pjson: whole, ...discoverBackends([{name, root, pjson: whole}])}
}

/** Also the names of a package whose descriptors cannot be used, so that the report can say why. */
export function namesOf({backends, pjson}: BackendPackage): string[] {
  if (backends.size > 0) return [...backends.keys()]
  const names = Object.keys(writtenIn(pjson))
  return names.length > 0 ? names : [pjson.name.replace(/^.*clinvk-backend-/, '')]
}

/** The descriptor as it is written, and as the checks use it. */
export function descriptorOf(
  {backends, pjson}: BackendPackage,
  name: string,
): {written: unknown; descriptor: Descriptor} {
  const written = writtenIn(pjson)[name]
  const descriptor = backends.get(name)?.descriptor ?? {capabilities: {}, ...(written as Partial<Descriptor>)}
  return {written, descriptor: descriptor as Descriptor}
}

function writtenIn({clinvk}: PackageJson): Record<string, unknown> {
  const {backends} = clinvk as {backends?: Record<string, unknown> | null}
  return backends ?? {}
}
