import {existsSync, fstatSync} from 'node:fs'
import type {Readable, Writable} from 'node:stream'
import {setMaxListeners} from 'node:events'
import {delimiter, isAbsolute} from 'node:path'
import {isatty} from 'node:tty'
import {Failure} from './errors/failure.js'
import {guarded} from './format/terminal.js'

export type Env = Readonly<Record<string, string | undefined>>

export type InputStream = Readable & {readonly isTTY?: boolean}

export type OutputStream = Writable & {
  readonly isTTY?: boolean
  readonly columns?: number
  readonly rows?: number
}

/**
 * What standard input is: `redirected` by a shell, from a pipe or a file; a `socket`, which is what Node gives the
 * programs that it starts; `none` is a device such as /dev/null.
 */
export type InputKind = 'terminal' | 'redirected' | 'socket' | 'none'

/** Whether somebody may have sent something to standard input. */
export function isPiped({inputKind}: {readonly inputKind: InputKind}): boolean {
  return inputKind === 'redirected' || inputKind === 'socket'
}

/** What a command reads from, writes to and knows of its surroundings. `main` is given one and hands it to every command. */
export interface IO {
  readonly stdin: InputStream
  readonly inputKind: InputKind
  /** On a terminal both output streams are `guarded`. */
  readonly stdout: OutputStream
  readonly stderr: OutputStream
  readonly env: Env
  /** Where the user stands, absolute. Throws a Failure when it was removed, or its name is not UTF-8. */
  readonly cwd: string
  now(): Date
  /**
   * From the first call on, SIGINT, SIGTERM and SIGHUP abort these signals instead of ending the process. Where neither
   * standard output nor standard error is a terminal, SIGHUP does nothing.
   */
  interrupts(): Interrupts
}

/**
 * The IO of this process. Its environment is a copy: what a plugin changes in `process.env` does not reach agents. PATH
 * has only what `programDirectories` allows, so that no program which clinvk starts looks elsewhere either.
 */
export class ProcessIO implements IO {
  readonly env: Env = Object.freeze({
    ...process.env,
    PATH: programDirectories(process.env).join(delimiter) || undefined,
  })
  #interrupts: Interrupts | undefined
  #stdout: OutputStream | undefined
  #stderr: OutputStream | undefined

  get stdin(): InputStream {
    return process.stdin
  }

  /** Found without opening `stdin`, which would begin to read it. */
  get inputKind(): InputKind {
    try {
      const input = fstatSync(0)
      if (input.isFIFO() || input.isFile()) return 'redirected'
      if (input.isSocket()) return 'socket'
    } catch {
      return 'none'
    }
    return isatty(0) ? 'terminal' : 'none'
  }

  get stdout(): OutputStream {
    return (this.#stdout ??= guarded(process.stdout))
  }

  get stderr(): OutputStream {
    return (this.#stderr ??= guarded(process.stderr))
  }

  get cwd(): string {
    let directory = ''
    try {
      directory = process.cwd()
    } catch {
      // It has been removed.
    }

    const isOther = directory.includes('\uFFFD') && !existsSync(directory)
    if (directory !== '' && !isOther) return directory
    const what = isOther ? 'has a name that is not UTF-8' : 'does not exist any more'
    throw new Failure('usage', `The current directory ${what}.`, ['Change to another one: cd'])
  }

  now(): Date {
    return new Date()
  }

  interrupts(): Interrupts {
    this.#interrupts ??= listenForInterrupts(!this.stdout.isTTY && !this.stderr.isTTY)
    return this.#interrupts
  }

  /** Aborts when the user has interrupted a second time; undefined while nobody has called `interrupts`. */
  get hurry(): AbortSignal | undefined {
    return this.#interrupts?.hurry
  }
}

/** The entries of PATH, without relative and empty ones: a project could put its own `claude` in the current directory. */
export function programDirectories({PATH = ''}: Env): string[] {
  return PATH.split(delimiter).filter((directory) => isAbsolute(directory))
}

/** The signals by which a user ends a turn. */
export interface Interrupts {
  /** Aborts at the first one; its reason is the signal's name. */
  readonly stop: AbortSignal
  /** Aborts at the second one: do not wait any longer. */
  readonly hurry: AbortSignal
}

/**
 * Takes over SIGINT, SIGTERM and SIGHUP for the rest of the process, so that a
 * turn is ended in order. With `once` a library that watches signals would find no other listener left and end the process at once.
 * Node resets signals that `nohup` has ignored, so what shows nothing on a terminal outlives the terminal by this alone.
 */
export function listenForInterrupts(outlivesTerminal = false): Interrupts {
  const stop = new AbortController()
  const hurry = new AbortController()
  // Each turn of a run listens, and Node takes more than ten for a leak.
  setMaxListeners(0, stop.signal, hurry.signal)
  const onSignal = (signal: NodeJS.Signals) => {
    if (signal === 'SIGHUP' && outlivesTerminal) return
    if (stop.signal.aborted) hurry.abort(signal)
    else stop.abort(signal)
  }

  for (const signal of SIGNALS) process.on(signal, onSignal)
  return {stop: stop.signal, hurry: hurry.signal}
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
