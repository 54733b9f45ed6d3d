import {isFailure, Failure} from 'clinvk-kit/failure'
import type {IO} from 'clinvk-kit/io'
import {exitCode} from 'clinvk-kit/outcome'
import {failureResult} from './output/failure-result.js'
import {errorText} from './output/error-text.js'
import {wantedFormat} from './output/wanted-format.js'
import {isUsageError, usageFailure} from './usage-failure.js'

/** What is known of the call that failed. */
export interface FailedCall {
  readonly argv: readonly string[]
  readonly io: IO
  /** What the words meant, as far as that was known. */
  readonly command: string | undefined
}

/** Says what went wrong, once, in the format that was asked for. Returns the exit code. */
export function reportError(error: unknown, {argv, command = '', io}: FailedCall): number {
  if (isExit(error)) return error.oclif.exit
  const failure = asFailure(error, command)
  const format = wantedFormat(argv)
  const result = failureResult(failure)
  if (format === 'json') io.stdout.write(`${JSON.stringify(result, undefined, 2)}\n`)
  else if (format === 'stream-json') {
    const done = {type: 'done', time: new Date().toISOString(), version: 1, ...result}
    io.stdout.write(`${JSON.stringify(done)}\n`)
  }

  io.stderr.write(errorText(result.error!))
  return exitCode(failure.kind)
}

/** Says that a part of the answer did not reach its file. The exit code of a turn that failed says more. */
export function reportLoss({message}: Error, io: IO, code: number): number {
  io.stderr.write(errorText({kind: 'agent', message: `The output could not be written: ${message}`}))
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
