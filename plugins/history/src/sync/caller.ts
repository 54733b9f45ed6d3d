import type {Config} from '@oclif/core'
import {ioOf} from 'clinvk-kit/command'
import {Failure} from 'clinvk-kit/errors/failure'
import type {OutputStream} from 'clinvk-kit/io'

/** Who asks what is recorded: the user of a command, or a plugin. */
export interface Caller {
  readonly config: Config
  /** Called with each sentence that the user should read besides the answer. */
  readonly note: (message: string) => void
  readonly stop: AbortSignal
  /** Where a line says how far reading is. Absent: nobody looks. */
  readonly progress?: OutputStream
}

/** The user of this process, who interrupts by a signal. */
export function userOf(config: Config): Caller {
  const io = ioOf(config)
  const note = (message: string) => io.stderr.write(`Note: ${message}\n`)
  return {config, note, stop: io.interrupts().stop, progress: io.stderr}
}

/** Throws a Failure where the caller has interrupted. */
export function checkStopped({stop}: Pick<Caller, 'stop'>): void {
  if (stop.aborted) throw new Failure('cancelled', 'Interrupted. What was read until then is kept.')
}
