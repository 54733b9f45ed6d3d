import {readFileSync} from 'node:fs'

/** A process that can be recognised later, although the system uses its number again. */
export interface ProcessIdentity {
  readonly pid: number
  /** When it started, in the system's own words: to be compared, not read. */
  readonly started: string
}

/** The identity of a running process; undefined when there is none with this number. */
export function identify(pid: number): ProcessIdentity | undefined {
  const started = process.platform === 'linux' ? statOnLinux(pid)?.started : startElsewhere(pid)
  return started === undefined ? undefined : {pid, started}
}

/** Whether that very process still runs. A zombie, dead but not yet collected, does not. */
export function isAlive(identity: ProcessIdentity | undefined): boolean {
  return identity !== undefined && identify(identity.pid)?.started === identity.started
}

/**
 * The parent of a living process, and when it started: ticks since boot, with the boot's own id before it. The command's
 * name, in parentheses, may hold anything, so fields are counted from the last `)` (proc(5): state is field 3, ppid field
 * 4, starttime field 22).
 */
export function statOnLinux(pid: number): {parent: number; started: string} | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    if (fields[0] === 'Z' || fields[0] === 'X') return undefined
    boot ??= readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').slice(0, 8)
    return {parent: Number(fields[1]), started: `${boot}-${fields[19]!}`}
  } catch {
    return undefined
  }
}

let boot: string | undefined

/** Without `/proc` (macOS) `ps` is asked; where there is no `ps` either, a process is known by its number alone. */
function startElsewhere(pid: number): string | undefined {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return undefined
  }

  if (process.platform === 'win32') return 'unknown'
  try {
    const [state, ...started] = process
      .getBuiltinModule('node:child_process')
      .execFileSync('/bin/ps', ['-o', 'state=,lstart=', '-p', String(pid)], {encoding: 'utf8'})
      .trim()
      .split(/\s+/)
    return state === undefined || state.startsWith('Z') ? undefined : started.join(' ')
  } catch {
    return undefined
  }
}
