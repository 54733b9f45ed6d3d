import {identify, isAlive, type ProcessIdentity} from './identity.js'
import {processTable} from './process-table.js'

/**
 * An agent and everything that it has started. The shells of its tools sit in
 * process groups and sessions of their own, so a signal to the agent's group
 * misses them; they are found by their parents, and by a mark in the
 * environment once the parents are dead.
 */
export class ProcessTree {
  readonly #root: number
  readonly #mark: string
  readonly #seen = new Map<number, ProcessIdentity>()

  /** `root` leads a process group of its own; `mark` is `NAME=value` of its environment. */
  constructor(root: number, mark: string) {
    this.#root = root
    this.#mark = mark
    const identity = identify(root)
    if (identity) this.#seen.set(root, identity)
  }

  /** Records the current members of the tree. Call it before a signal and while the signal takes effect. */
  refresh(): void {
    const table = processTable(this.#mark)
    // Only living ones: the system may have given the number of a dead process to another.
    const members = new Set<number>()
    for (const member of this.#seen.values()) if (isAlive(member)) members.add(member.pid)
    for (let size = -1; size !== members.size;) {
      size = members.size
      for (const {pid, parent, marked} of table) if (marked || members.has(parent)) members.add(pid)
    }

    members.delete(process.pid)
    for (const {pid} of table) {
      if (!members.has(pid) || this.#seen.has(pid)) continue
      const identity = identify(pid)
      if (identity) this.#seen.set(pid, identity)
    }
  }

  /** Signals the agent's own process group: what a Ctrl-C in a terminal would reach. */
  signalGroup(signal: NodeJS.Signals): void {
    send(process.platform === 'win32' ? this.#root : -this.#root, signal)
  }

  /** Signals every member that still lives; tells how many there were. */
  signalAll(signal: NodeJS.Signals): number {
    this.refresh()
    const alive = [...this.#seen.values()].filter((member) => isAlive(member))
    for (const {pid} of alive) send(pid, signal)
    return alive.length
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    // Gone already, or (EPERM) not ours to end: a tool that became another user.
    const {code} = error as NodeJS.ErrnoException
    if (code !== 'ESRCH' && code !== 'EPERM') throw error
  }
}
