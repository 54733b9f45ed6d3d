import {execFileSync} from 'node:child_process'
import {readdirSync, readFileSync} from 'node:fs'
import {identify, isAlive, type ProcessIdentity, statOnLinux} from './identity.js'

/**
 * An agent and everything that it has started. The shells of its tools are in process groups and sessions of
 * their own, so a signal to the agent's group misses them; they are found by their parents, and by a mark in
 * the environment once the parents are dead.
 */
export class ProcessTree {
  readonly #root: number
  readonly #mark: string
  readonly #seen = new Map<number, ProcessIdentity>()

  /** `root` leads a process group of its own; `mark` is `NAME=value` of its environment. */
  constructor(root: number, mark: string) {
    this.#root = root
    this.#mark = mark
    this.#add(root)
  }

  /** Records the current members of the tree. Call it before a signal and while the signal takes effect. */
  refresh(): void {
    const table = processTable(this.#mark)
    // Only living ones: the system may have given the number of a dead process to another.
    const members = new Set(this.#alive())
    for (let size = -1; size !== members.size;) {
      size = members.size
      for (const {pid, parent, marked} of table) if (marked || members.has(parent)) members.add(pid)
    }

    members.delete(process.pid)
    for (const {pid} of table) if (members.has(pid) && !this.#seen.has(pid)) this.#add(pid)
  }

  /** Signals the agent's own process group: what a Ctrl-C in a terminal would reach. */
  signalGroup(signal: NodeJS.Signals): void {
    send(process.platform === 'win32' ? this.#root : -this.#root, signal)
  }

  /** Signals every living member; returns how many there were. */
  signalAll(signal: NodeJS.Signals): number {
    this.refresh()
    const alive = this.#alive()
    for (const pid of alive) send(pid, signal)
    return alive.length
  }

  #add(pid: number): void {
    const identity = identify(pid)
    if (identity) this.#seen.set(pid, identity)
  }

  #alive(): number[] {
    return [...this.#seen.values()].flatMap((member) => (isAlive(member) ? [member.pid] : []))
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    // Gone already, or (EPERM) not ours to end: a tool that became another user.
    if (!['ESRCH', 'EPERM'].includes((error as NodeJS.ErrnoException).code!)) throw error
  }
}

export interface ProcessRow {
  readonly pid: number
  readonly parent: number
  /** Whether `mark` stands in its environment, as far as that can be read. */
  readonly marked: boolean
}

/**
 * All processes of the machine. `mark` (`NAME=value`) is looked for in the
 * environment of each: a process whose parent has died is no descendant any
 * more, but it still carries the environment that it was started with.
 */
export function processTable(mark: string): ProcessRow[] {
  if (process.platform === 'win32') return []
  return process.platform === 'linux' ? tableOfProc(mark) : tableOfPs(mark)
}

/** A variable of the environment that a process was started with; undefined when that cannot be read. */
export function environmentOf(pid: number, name: string): string | undefined {
  try {
    const words =
      process.platform === 'linux'
        ? readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0')
        : ps('-E', '-ww', '-o', 'command=', '-p', String(pid)).split(' ')
    return words.find((word) => word.startsWith(`${name}=`))?.slice(name.length + 1)
  } catch {
    return undefined
  }
}

function tableOfProc(mark: string): ProcessRow[] {
  return readdirSync('/proc').flatMap((name) => {
    const pid = Number(name)
    const stat = Number.isInteger(pid) ? statOnLinux(pid) : undefined
    return stat ? [{pid, parent: stat.parent, marked: isMarked(name, mark)}] : []
  })
}

function isMarked(pid: string, mark: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`).includes(`${mark}\0`)
  } catch {
    return false
  }
}

/** macOS and BSD: `ps -E` puts the environment of one's own processes behind the command. */
function tableOfPs(mark: string): ProcessRow[] {
  return ps('-A', '-E', '-ww', '-o', 'pid=,ppid=,state=,command=')
    .split('\n')
    .flatMap((line) => {
      const [, pid, parent, state, command] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s?(.*)$/.exec(line) ?? []
      if (pid === undefined || state!.startsWith('Z')) return []
      return [{pid: Number(pid), parent: Number(parent), marked: ` ${command!} `.includes(` ${mark} `)}]
    })
}

function ps(...args: string[]): string {
  return execFileSync('/bin/ps', args, {encoding: 'utf8', maxBuffer: 256 * 1024 * 1024})
}
