import type {Readable, Writable} from 'node:stream'
import {Failure} from './errors/failure.js'
import {listenForInterrupts, type Interrupts} from './turn/interrupts.js'

export type Env = Readonly<Record<string, string | undefined>>

export type InputStream = Readable & {readonly isTTY?: boolean}

export type OutputStream = Writable & {
  readonly isTTY?: boolean
  readonly columns?: number
  readonly rows?: number
}

/** What a command reads from, writes to and knows of its surroundings. `main` is given one and hands it to every command. */
export interface IO {
  readonly stdin: InputStream
  readonly stdout: OutputStream
  readonly stderr: OutputStream
  readonly env: Env
  /** Where the user stands, absolute. Throws a Failure when that directory has been removed. */
  readonly cwd: string
  now(): Date
  /** From the first call on, SIGINT, SIGTERM and SIGHUP abort these signals instead of ending the process. */
  interrupts(): Interrupts
}

/** The IO of this process. Its environment is a copy: what a plugin changes in `process.env` does not reach agents. */
export class ProcessIO implements IO {
  readonly env: Env = Object.freeze({...process.env})
  #interrupts: Interrupts | undefined

  get stdin(): InputStream {
    return process.stdin
  }

  get stdout(): OutputStream {
    return process.stdout
  }

  get stderr(): OutputStream {
    return process.stderr
  }

  get cwd(): string {
    try {
      return process.cwd()
    } catch {
      throw new Failure('usage', 'The current directory does not exist any more.', [
        'Change to one that does: cd',
      ])
    }
  }

  now(): Date {
    return new Date()
  }

  interrupts(): Interrupts {
    this.#interrupts ??= listenForInterrupts()
    return this.#interrupts
  }

  /** Aborts when the user has interrupted a second time; undefined while nobody has called `interrupts`. */
  get hurry(): AbortSignal | undefined {
    return this.#interrupts?.hurry
  }
}
