import {isFailure, Failure, exitCode} from 'clinvk-kit/errors/failure'
import type {IO} from 'clinvk-kit/io'
import {formatInWords, type OutputChoice} from '../output/format.js'
import {Printer} from '../output/printer.js'
import {failureResult} from './failure-result.js'
import {isUsageError, usageFailure} from './usage-failure.js'

/** What is known of the call that failed. */
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
  if (isExit(error)) return error.oclif.exit
  const {color, format} = output ?? {format: formatInWords(argv), color: true}
  const failure = asFailure(error, command)
  const result = failureResult(failure)
  const printer = new Printer(io, {color})
  if (format === 'json') void printer.print(`${JSON.stringify(result, undefined, 2)}\n`)
  else if (format === 'stream-json') {
    const done = {type: 'done', time: io.now().toISOString(), version: 1, ...result}
    void printer.print(`${JSON.stringify(done)}\n`)
  }

  printer.error(result.error!)
  return exitCode(failure.kind)
}

/** Reports that a part of the output did not reach its file. The exit code of a turn that failed says more. */
export function reportLoss({message}: Error, io: IO, code: number): number {
  new Printer(io).error({kind: 'agent', message: `The output could not be written: ${message}`})
  return code || 1
}

function asFailure(error: unknown, command: string): Failure {
  if (isFailure(error)) return error
  if (isUsageError(error)) return usageFailure(error, command)
  const {message, stack} = error instanceof Error ? error : new Error(String(error))
  return new Failure('internal', stack ?? message, [
    'This is a bug of clinvk. Please report it with the lines above: npm bugs clinvk',
  ])
}

function isExit(error: unknown): error is {oclif: {exit: number}} {
  return (
    isUsageError(error) && 'code' in error && error.code === 'EEXIT' && typeof error.oclif.exit === 'number'
  )
}
