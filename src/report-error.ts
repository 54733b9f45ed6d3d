import {isFailure, Failure} from 'clinvk-kit/failure'
import {exitCode} from 'clinvk-kit/outcome'
import {failureResult} from './output/failure-result.js'
import {errorText} from './output/error-text.js'
import {wantedFormat} from './output/wanted-format.js'

/** Says what went wrong, once, in the format that was asked for. Returns the exit code. */
export function reportError(error: unknown, argv: readonly string[]): number {
  if (isExit(error)) return error.oclif.exit
  const failure = asFailure(error)
  const format = wantedFormat(argv)
  const result = failureResult(failure)
  if (format === 'json') process.stdout.write(`${JSON.stringify(result, undefined, 2)}\n`)
  else if (format === 'stream-json') {
    const done = {type: 'done', time: new Date().toISOString(), version: 1, ...result}
    process.stdout.write(`${JSON.stringify(done)}\n`)
  }

  process.stderr.write(errorText(result.error!))
  return exitCode(failure.kind)
}

function asFailure(error: unknown): Failure {
  if (isFailure(error)) return error
  if (isUsage(error)) return usageFailure(error)
  const {message, stack} = error instanceof Error ? error : new Error(String(error))
  return new Failure('internal', stack ?? message, [
    'This is a bug of clinvk. Please report it with the lines above: https://github.com/clinvk/clinvk/issues',
  ])
}

/** What oclif throws on wrong flags and arguments. Known by its shape: there may be two copies of oclif. */
interface UsageError extends Error {
  readonly oclif: {readonly exit?: number}
  /** The arguments that were too many. */
  readonly args?: readonly string[]
}

function isUsage(error: unknown): error is UsageError {
  return error instanceof Error && 'oclif' in error && typeof error.oclif === 'object' && error.oclif !== null
}

function isExit(error: unknown): error is {oclif: {exit: number}} {
  return isUsage(error) && 'code' in error && error.code === 'EEXIT' && typeof error.oclif.exit === 'number'
}

function usageFailure(error: UsageError): Failure {
  const message = error.message.replace(/\n?See more help with --help$/, '').trim()
  const hints =
    error.constructor.name === 'UnexpectedArgsError' ? ['A prompt is one argument: clinvk "fix the bug"'] : []
  return new Failure('usage', message, [...hints, 'See: clinvk --help'], {cause: error})
}
