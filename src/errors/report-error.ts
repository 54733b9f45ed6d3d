import {
  exitCode,
  Failure,
  isFailure,
  isSystemError,
  reasonOf,
  type SystemError,
} from 'clinvk-kit/errors/failure'
import {failureResult} from 'clinvk-kit/turn/result'
import type {IO} from 'clinvk-kit/io'
import {clinvkHome} from 'clinvk-kit/settings/files'
import {DATA_FORMATS} from '../output/data-formats.js'
import {formatInWords, type OutputChoice} from '../output/format.js'
import {Printer} from '../output/printer.js'
import {isUsageError, usageFailure} from './usage-failure.js'

export interface FailedCall {
  readonly argv: readonly string[]
  readonly io: IO
  /** What the words meant, as far as that was known. */
  readonly command: string | undefined
  /** How the command prints, once it has decided that. */
  readonly output: OutputChoice | undefined
}

/** Reports an error, once, in the format that was asked for. Returns the exit code. */
export function reportError(error: unknown, {argv, command = '', io, output}: FailedCall): number {
  if (isUsageError(error) && 'code' in error && error.code === 'EEXIT') return error.oclif.exit ?? 0
  const {color, format} = output ?? {format: formatInWords(argv), color: true}
  const failure = asFailure(error, command, io.env)
  const result = failureResult(failure)
  if (failure.kind === 'cancelled')
    result.exit_code = exitCode('cancelled', String(io.interrupts().stop.reason))
  const printer = new Printer(io, {color})
  if (format !== 'text') void DATA_FORMATS[format].failed(printer, result)
  printer.error(result.error!)
  return result.exit_code
}

/** Reports that a part of the output did not reach its file. The exit code of a turn that failed says more. */
export function reportLoss({message}: Error, io: IO, code: number): number {
  new Printer(io).error({kind: 'agent', message: `The output could not be written: ${message}`})
  return code || 1
}

/** Any error as a Failure; what is a bug of ours has the kind `internal`. */
export function asFailure(error: unknown, command: string, env: IO['env']): Failure {
  if (isFailure(error)) return error
  if (isUsageError(error)) return usageFailure(error, command)
  if (isSystemError(error)) return systemFailure(error, env)
  const {message, stack} = error instanceof Error ? error : new Error(String(error))
  return new Failure('internal', stack ?? message, [
    'This is a bug of clinvk. Please report it with the lines above: npm bugs clinvk',
  ])
}

/** What the system has refused: a directory of another user, a full or read-only disk. */
function systemFailure(error: SystemError, env: IO['env']): Failure {
  const {dest, message, path, syscall} = error
  const place = dest ?? path
  const verb = READING.has(syscall) ? 'read' : 'written'
  const sentence = place === undefined ? message : `${place} cannot be ${verb}: ${reasonOf(error)}.`
  if (!place?.startsWith(clinvkHome(env))) return new Failure('usage', sentence)
  return new Failure('session', sentence, [
    'Does it belong to you, and is there room on the disk? See: clinvk doctor',
    'Another place for all that clinvk keeps: export CLINVK_HOME=DIRECTORY',
  ])
}

const READING = new Set(['open', 'read', 'scandir', 'stat', 'lstat', 'realpath'])
