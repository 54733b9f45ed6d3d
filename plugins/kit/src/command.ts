import {Command, type Interfaces} from '@oclif/core'
import {type IO, ProcessIO} from './io.js'

/** What all commands of clinvk extend. The number that `run` returns is the exit code; nothing means 0. */
export abstract class ClinvkCommand extends Command {
  readonly io: IO = ioOf(this.config)

  /** Errors are reported by `main`; oclif's own version also sets `process.exitCode`. */
  protected override catch(error: Error): Promise<never> {
    throw error
  }

  /** Writes to standard output. */
  protected print(text: string): void {
    this.io.stdout.write(text)
  }

  protected printJson(value: unknown): void {
    this.print(`${JSON.stringify(value, undefined, 2)}\n`)
  }

  /** Tells the user something that is not part of the answer. */
  protected note(message: string): void {
    this.io.stderr.write(`Note: ${message}\n`)
  }
}

/** The IO that `main` was given. Without `main`, as in oclif's own test tools, that of the process. */
export function ioOf(config: Interfaces.Config): IO {
  return (config as {io?: IO}).io ?? new ProcessIO()
}
