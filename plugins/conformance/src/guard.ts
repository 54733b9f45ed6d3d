import {ForbiddenError} from './check.js'

/** What a backend must not do. Node's permission model denies `files` and `processes`; the others are watched here. */
export type Action = 'files' | 'processes' | 'network' | 'output' | 'process'

/** Records what a backend does besides giving answers. */
export class Guard {
  /** The first forbidden call of each kind, and the part of the backend that made it. */
  readonly seen = new Map<Action, string>()

  /** How many parts run at the moment: a plan that is wrongly a promise overlaps with the next. */
  #running = 0
  #restore: readonly (() => void)[] = []

  /** Runs a part of the backend, such as `plan`, and rethrows what it throws. */
  watch<T>(part: string, task: () => T): T {
    if (this.#running++ === 0)
      this.#restore = WATCHED.map(([owner, name, action]) => this.#replace(owner, name, action, part))
    const end = () => {
      if (--this.#running === 0) for (const restore of this.#restore) restore()
    }

    const rethrow = (error: unknown): never => {
      this.#noteDenial(error, part)
      throw error
    }

    let result: T
    try {
      result = task()
    } catch (error) {
      end()
      return rethrow(error)
    }

    if (result instanceof Promise) return result.finally(end).catch(rethrow) as T
    end()
    return result
  }

  #replace(owner: object, name: string, action: Action, part: string): () => void {
    const original = Object.getOwnPropertyDescriptor(owner, name)
    const note = (call: string) => this.#note(action, call, part)
    // Not an arrow function: some of these are called with `new`.
    const value = function (first: unknown) {
      const call = `${name}(${typeof first === 'string' ? JSON.stringify(first) : ''})`
      note(call)
      if (action === 'output') return true
      throw new ForbiddenError(`${call} is not allowed in a backend.`)
    }

    Object.defineProperty(owner, name, {value, configurable: true, writable: true})
    return () => {
      if (original) Object.defineProperty(owner, name, original)
      else Reflect.deleteProperty(owner, name)
    }
  }

  #noteDenial(error: unknown, part: string): void {
    const {cause, code, permission, resource = ''} = error as Partial<AccessDenied>
    if (code === 'ERR_ACCESS_DENIED')
      this.#note(
        permission?.startsWith('FileSystem') ? 'files' : 'processes',
        `${permission} ${resource}`,
        part,
      )
    else if (cause) this.#noteDenial(cause, part)
  }

  #note(action: Action, call: string, part: string): void {
    if (!this.seen.has(action)) this.seen.set(action, `${call.trim()}, called by ${part}`)
  }
}

export interface ProcessSnapshot {
  readonly state: Readonly<Record<string, string>>
  readonly resources: readonly string[]
}

/** What a backend must leave as it is. */
export function snapshotProcess(): ProcessSnapshot {
  const listeners = process.eventNames().map((name) => `${String(name)} ${process.listenerCount(name)}`)
  return {
    state: {
      'the environment': JSON.stringify(Object.entries(process.env).sort()),
      'the directory': process.cwd(),
      'the listeners of the process': listeners.sort().join(', '),
      'the global names': Object.getOwnPropertyNames(globalThis).sort().join(' '),
      'the exit code': String(process.exitCode),
    },
    resources: process.getActiveResourcesInfo().filter((name) => !OF_NODE.test(name)),
  }
}

interface AccessDenied extends Error {
  code: string
  permission: string
  resource: string
}

const WATCHED: readonly (readonly [owner: object, name: string, Action])[] = [
  ...(['fetch', 'WebSocket', 'EventSource'] as const).map((name) => [globalThis, name, 'network'] as const),
  [process.stdout, 'write', 'output'],
  [process.stderr, 'write', 'output'],
  ...(['exit', 'abort', 'kill', 'chdir'] as const).map((name) => [process, name, 'process'] as const),
]
/** The channel to the parent process, the standard streams, promises under way. */
const OF_NODE = /^(?:FSReq|PipeWrap|TTYWrap|Immediate|MessagePort|TickObject)/
