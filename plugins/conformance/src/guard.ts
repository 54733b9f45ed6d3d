import childProcess from 'node:child_process'
import dgram from 'node:dgram'
import dns from 'node:dns'
import fs from 'node:fs'
import {syncBuiltinESMExports} from 'node:module'
import net from 'node:net'
import {resolve, sep} from 'node:path'
import {fileURLToPath} from 'node:url'
import workerThreads from 'node:worker_threads'

export type Deed = 'network' | 'process' | 'write' | 'read' | 'print' | 'exit'

/** What a backend did that only clinvk may do. */
export interface Trespass {
  readonly deed: Deed
  /** `fs.writeFileSync("/home/ada/x")`. */
  readonly call: string
  /** Which part of the backend did it: `plan`, `reader`. */
  readonly during: string
}

/**
 * Watches what a backend does to the machine, by putting itself in place of
 * Node's own functions. While no backend is at work it lets everything pass.
 * What would change something is written down and stopped, what would not is
 * written down.
 */
export class Guard {
  readonly seen: Trespass[] = []
  readonly #mayRead: readonly string[]
  #during = ''

  /** `mayRead`: directories with the backend's own code, which Node reads to load it. */
  constructor(mayRead: readonly string[]) {
    this.#mayRead = mayRead
  }

  /** Runs a part of the backend under watch. Throws what it throws, and an error that `isForbidden` knows. */
  watch<T>(during: string, task: () => T): T {
    this.#during = during
    const done = () => {
      this.#during = ''
    }
    let result: T
    try {
      result = task()
    } catch (error) {
      done()
      throw error
    }

    if (result instanceof Promise) return result.finally(done) as T
    done()
    return result
  }

  /** Puts itself in place of Node's functions; for the rest of the process. */
  install(): void {
    this.#replace(net.Socket.prototype, 'connect', 'network', 'net.connect')
    this.#replace(net.Server.prototype, 'listen', 'network', 'net.listen')
    for (const name of ['bind', 'send', 'connect'] as const)
      this.#replace(dgram.Socket.prototype, name, 'network', `dgram.${name}`)
    for (const place of [dns, dns.promises])
      for (const name of Object.keys(place).filter((key) => /^(?:lookup|resolve|reverse)/.test(key)))
        this.#replace(place, name, 'network', `dns.${name}`)
    for (const name of ['fetch', 'WebSocket', 'EventSource']) this.#replace(globalThis, name, 'network', name)
    for (const name of ['spawn', 'spawnSync', 'exec', 'execSync', 'execFile', 'execFileSync', 'fork'])
      this.#replace(childProcess, name, 'process', `child_process.${name}`)
    this.#replace(workerThreads, 'Worker', 'process', 'worker_threads.Worker')
    for (const place of [fs, fs.promises]) {
      for (const name of Object.keys(place)) {
        const plain = name.replace(/Sync$/, '')
        if (WRITES.has(plain)) this.#replace(place, name, 'write', `fs.${name}`)
        else if (READS.has(plain)) this.#replace(place, name, 'read', `fs.${name}`)
      }
    }

    for (const stream of [process.stdout, process.stderr]) this.#replace(stream, 'write', 'print', 'write')
    for (const name of ['log', 'info', 'warn', 'error', 'debug'])
      this.#replace(console, name, 'print', `console.${name}`)
    for (const name of ['exit', 'abort', 'kill', 'chdir'])
      this.#replace(process, name, 'exit', `process.${name}`)
    syncBuiltinESMExports()
  }

  #replace(place: object, name: string, deed: Deed, title: string): void {
    const owner = place as Record<string, unknown>
    const original = owner[name]
    if (typeof original !== 'function') return
    const isNoted = (args: readonly unknown[]) => this.#during !== '' && this.#notes(deed, title, args)
    owner[name] = function (this: unknown, ...args: unknown[]): unknown {
      if (isNoted(args)) {
        if (deed === 'print') return true
        if (deed !== 'read') throw new ForbiddenError(`${title} is not for a backend`)
      }

      const constructed: unknown = new.target
      return constructed !== undefined
        ? (Reflect.construct(original, args) as unknown)
        : (Reflect.apply(original, this, args) as unknown)
    }
  }

  /** Whether this call is none of a backend's business; then it is written down. */
  #notes(deed: Deed, title: string, args: readonly unknown[]): boolean {
    const [first, second] = args
    if (deed === 'read' || deed === 'write') {
      const path = pathOf(first)
      if (path === undefined) return false
      const isRead =
        deed === 'read' || (title.startsWith('fs.open') && (second === undefined || second === 'r'))
      if (isRead && this.#mayRead.some((place) => path === place || path.startsWith(place + sep)))
        return false
      if (isRead && path.includes(`${sep}node_modules${sep}`)) return false
      this.seen.push({
        deed: isRead ? 'read' : 'write',
        call: `${title}(${JSON.stringify(path)})`,
        during: this.#during,
      })
      return true
    }

    const word = typeof first === 'string' || typeof first === 'number' ? JSON.stringify(first) : ''
    this.seen.push({deed, call: `${title}(${word})`, during: this.#during})
    return true
  }
}

/** Whether an error comes from the guard, and so is told by another check. */
export function isForbidden(error: unknown): boolean {
  return error instanceof Error && (error.name === NAME || isForbidden(error.cause))
}

const NAME = 'ForbiddenError'

class ForbiddenError extends Error {
  override readonly name = NAME
}

function pathOf(value: unknown): string | undefined {
  if (typeof value === 'string') return resolve(value)
  if (value instanceof URL && value.protocol === 'file:') return fileURLToPath(value)
  return Buffer.isBuffer(value) ? resolve(value.toString()) : undefined
}

const READS: ReadonlySet<string> = new Set([
  'access', 'createReadStream', 'exists', 'lstat', 'opendir', 'readFile', 'readdir', 'readlink', 'realpath',
  'stat', 'statfs', 'watch', 'watchFile',
]) // prettier-ignore
const WRITES: ReadonlySet<string> = new Set([
  'appendFile', 'chmod', 'chown', 'copyFile', 'cp', 'createWriteStream', 'lchmod', 'lchown', 'link', 'lutimes',
  'mkdir', 'mkdtemp', 'open', 'rename', 'rm', 'rmdir', 'symlink', 'truncate', 'unlink', 'utimes', 'writeFile',
]) // prettier-ignore
