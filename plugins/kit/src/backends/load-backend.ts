import {join} from 'node:path'
import {pathToFileURL} from 'node:url'
import type {Backend, Descriptor} from 'clinvk-contract'
import {Failure} from '../errors/failure.js'
import {oneLine} from '../format/one-line.js'
import {messageOf} from '../errors/message-of.js'
import {withTimeout} from '../hooks/with-timeout.js'
import {guardBackend} from './guarded-backend.js'
import {type Origin, originHint} from './origin.js'

/** A guarded backend. Throws a Failure of kind `unavailable` when it is broken. */
export async function loadBackend(origin: Origin, descriptor: Descriptor): Promise<Backend> {
  return guardBackend(await importBackend(origin, descriptor), origin)
}

/** A backend as it is: made of its command, or what its module exports. Throws the same. */
export async function importBackend(origin: Origin, {command, module, title}: Descriptor): Promise<Backend> {
  if (command) {
    const {textBackend} = await import('./text-agent/backend.js')
    return textBackend(title, command)
  }

  const {name, root} = origin
  const path = join(root, module!)
  const hints = [originHint(origin), 'See: clinvk doctor']
  let backend: Partial<Backend> | null | undefined
  try {
    const load = () =>
      withTimeout(
        LOADING_TIMEOUT_MS,
        import(pathToFileURL(path).href) as Promise<{default?: Partial<Backend> | null}>,
        `it is not done after ${LOADING_TIMEOUT_MS / 1000} s`,
      )
    backend = (await withoutExit(load)).default
  } catch (error) {
    const message = `The backend ${name} does not load: ${oneLine(messageOf(error))}`
    throw new Failure('unavailable', message, hints, {cause: error})
  }

  if (typeof backend?.plan === 'function' && typeof backend.reader === 'function') return backend as Backend
  throw new Failure(
    'unavailable',
    `The backend ${name} is broken: the default export of ${path} has no \`plan\` and \`reader\`.`,
    hints,
  )
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
