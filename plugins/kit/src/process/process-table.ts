import {execFileSync} from 'node:child_process'
import {readdirSync, readFileSync} from 'node:fs'

/** A row of the system's process table. */
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
  return process.platform === 'linux' ? tableOnLinux(mark) : tableElsewhere(mark)
}

/** What stands in the environment that a process was started with; undefined when that cannot be read. */
export function environmentOf(pid: number, name: string): string | undefined {
  try {
    const words =
      process.platform === 'linux'
        ? readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0')
        : execFileSync('ps', ['-E', '-ww', '-o', 'command=', '-p', String(pid)], {encoding: 'utf8'}).split(
            ' ',
          )
    return words.find((word) => word.startsWith(`${name}=`))?.slice(name.length + 1)
  } catch {
    return undefined
  }
}

function tableOnLinux(mark: string): ProcessRow[] {
  const rows: ProcessRow[] = []
  for (const name of readdirSync('/proc')) {
    const pid = Number(name)
    if (!Number.isInteger(pid)) continue
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'latin1')
      const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      if (state === 'Z' || state === 'X') continue
      rows.push({pid, parent: Number(parent), marked: isMarked(name, mark)})
    } catch {
      // It ended between the two looks.
    }
  }

  return rows
}

function isMarked(pid: string, mark: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`).includes(`${mark}\0`)
  } catch {
    return false
  }
}

/** macOS and BSD: `ps -E` (on Linux `e`) puts the environment of one's own processes behind the command. */
function tableElsewhere(mark: string): ProcessRow[] {
  if (process.platform === 'win32') return []
  const output = execFileSync('ps', ['-A', '-E', '-ww', '-o', 'pid=,ppid=,state=,command='], {
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
  })
  return output.split('\n').flatMap((line) => {
    const [, pid, parent, state, command] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s?(.*)$/.exec(line) ?? []
    if (pid === undefined || state!.startsWith('Z')) return []
    return [{pid: Number(pid), parent: Number(parent), marked: ` ${command!} `.includes(` ${mark} `)}]
  })
}
