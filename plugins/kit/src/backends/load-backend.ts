import {join} from 'node:path'
import {pathToFileURL} from 'node:url'
import type {Backend, Descriptor} from 'clinvk-contract'
import {Failure} from '../failure.js'
import {oneLine} from '../format/one-line.js'
import {messageOf} from '../message-of.js'
import {within} from '../within.js'
import {carefulBackend} from './careful-backend.js'
import {isRecord} from './shapes.js'
import {whoseFault} from './whose-fault.js'

/** Where a backend comes from. */
export interface Origin {
  readonly name: string
  /** The package that brought it. */
  readonly plugin: string
  readonly pluginVersion: string
  /** Absolute directory of the package. */
  readonly root: string
  /** The user works on it: it is used as it stands in that directory. */
  readonly isLinked?: boolean
}

/** A backend whose answers can be relied on. Throws a Failure of kind `unavailable` when it is broken. */
export async function loadBackend(origin: Origin, descriptor: Descriptor): Promise<Backend> {
  return carefulBackend(await importBackend(origin, descriptor), origin)
}

/** A backend as it is: made of its command, or what its module exports. Throws the same. */
export async function importBackend(origin: Origin, {command, module, title}: Descriptor): Promise<Backend> {
  if (command) {
    const {textBackend} = await import('./text-agent/backend.js')
    return textBackend(title, command)
  }

  const {name, root} = origin
  const path = join(root, module!)
  const hints = [whoseFault(origin), 'See: clinvk doctor']
  let backend: unknown
  try {
    const limit = `it is not done after ${LOADING_MS / 1000} s`
    const load = () =>
      within(LOADING_MS, import(pathToFileURL(path).href) as Promise<{default?: unknown}>, limit)
    backend = (await withoutExit(load)).default
  } catch (error) {
    const message = `The backend ${name} does not load: ${oneLine(messageOf(error))}`
    throw new Failure('unavailable', message, hints, {cause: error})
  }

  if (isRecord(backend) && typeof backend.plan === 'function' && typeof backend.reader === 'function')
    return backend as unknown as Backend
  throw new Failure(
    'unavailable',
    `The backend ${name} is broken: ${path} exports no plan and reader as its default.`,
    hints,
  )
}

/** A program that was named as the module would end clinvk, without a word. */
async function withoutExit<T>(task: () => Promise<T>): Promise<T> {
  // As it is: it is put back.
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

const LOADING_MS = 10_000
