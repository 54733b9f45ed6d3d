import {readFileSync} from 'node:fs'
import {createRequire} from 'node:module'
import type {Backend, Descriptor} from 'clinvk-contract'

/** A backend of this checkout, for tests that ask it without clinvk. */
export async function backendOf(name: string): Promise<Descriptor & {backend: Backend}> {
  const own = `clinvk-backend-${name}`
  const {default: backend} = (await import(own)) as {default: Backend}
  const path = createRequire(import.meta.url).resolve(`${own}/package.json`)
  const {clinvk} = JSON.parse(readFileSync(path, 'utf8')) as {
    clinvk: {backends: Record<string, Descriptor>}
  }
  return {...clinvk.backends[name]!, backend}
}
