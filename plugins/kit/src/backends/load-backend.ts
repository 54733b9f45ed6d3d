import {join} from 'node:path'
import {pathToFileURL} from 'node:url'
import type {Backend, Descriptor} from 'clinvk-contract'
import {Failure, messageOf} from '../errors/failure.js'
import {oneLine} from '../format/text.js'
import {withTimeout} from '../hooks/run-hook.js'

export interface Origin {
  readonly name: string
  readonly plugin: string
  readonly pluginVersion: string
  /** Absolute directory of the package. */
  readonly root: string
  /** The user works on it: it is used as it is in that directory. */
  readonly isLinked?: boolean
  readonly isBundled?: boolean
}

/** A hint for the user whose backend is broken: which package it comes from, and what to do about it. */
export function originHint({isLinked, plugin, pluginVersion, root}: Origin): string {
  return isLinked
    ? `It comes from ${plugin}, linked from ${root}: build or repair it there.`
    : `It comes from ${plugin} ${pluginVersion}. Try: clinvk plugins update`
}

/** A guarded backend. Throws a Failure of kind `unavailable` when it is broken. */
export async function loadBackend(origin: Origin, descriptor: Descriptor): Promise<Backend> {
  const backend = await importBackend(origin, descriptor)
  // Ours keep to the contract, which tests hold. To load what checks it takes half of the time until an agent runs.
  if (origin.isBundled) return backend
  const {guardBackend} = await import('./guard-backend.js')
  return guardBackend(backend, origin)
}

/** A backend as it is: made of its command, or what its module exports. Throws the same. */
export async function importBackend(origin: Origin, {command, module, title}: Descriptor): Promise<Backend> {
  if (command) return (await import('./text-agent.js')).textBackend(title, command)
  const path = join(origin.root, module!)
  const broken = (problem: string, cause?: unknown) => {
    const message = `The backend ${origin.name} ${problem}`
    return new Failure('unavailable', message, [originHint(origin), 'See: clinvk doctor'], {cause})
  }
  let backend: Partial<Backend> | null | undefined
  try {
    const load = () => import(pathToFileURL(path).href) as Promise<{default?: Partial<Backend> | null}>
    backend = (await withoutExit(() => withTimeout(LOADING_TIMEOUT_MS, load()))).default
  } catch (error) {
    throw broken(`does not load: ${oneLine(messageOf(error))}`, error)
  }

  if (typeof backend?.plan === 'function' && typeof backend.reader === 'function') return backend as Backend
  throw broken(`is broken: the default export of ${path} has no \`plan\` and \`reader\`.`)
}

/** A module that calls `process.exit` while it is imported would end clinvk without a message. */
async function withoutExit<T>(task: () => Promise<T>): Promise<T> {
  const exit = Reflect.get(process, 'exit')
  let isOver = false
  const refuse = (code?: number) => {
    // Another backend that was loaded at the same time may have put this one back.
    if (isOver) return exit(code)
    throw new Error('it calls process.exit')
  }

  process.exit = refuse
  try {
    return await task()
  } finally {
    isOver = true
    if (process.exit === refuse) process.exit = exit
  }
}

const LOADING_TIMEOUT_MS = 10_000
