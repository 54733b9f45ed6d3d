import {Failure} from 'clinvk-kit/errors/failure'
import {nearest} from 'clinvk-kit/format/text'

/** What oclif throws on wrong flags and arguments. Known by its shape: there may be two copies of oclif. */
export interface UsageError extends Error {
  readonly oclif: {readonly exit?: number}
  /** Flags that do not exist (`NonExistentFlagsError`). */
  readonly flags?: readonly string[]
  readonly parse?: {readonly input?: {readonly flags?: Readonly<Record<string, unknown>>}}
}

export function isUsageError(error: unknown): error is UsageError {
  return error instanceof Error && 'oclif' in error && typeof error.oclif === 'object' && error.oclif !== null
}

/** The same in our words: one sentence, and what to do next. `command` is what the user wanted: `sessions list`. */
export function usageFailure(error: UsageError, command: string): Failure {
  const help = `See: clinvk ${command === '' ? '' : `${command} `}--help`
  switch (error.constructor.name) {
    case 'NonExistentFlagsError': {
      const [wrong = ''] = error.flags ?? []
      const known = Object.keys(error.parse?.input?.flags ?? {}).map((name) => `--${name}`)
      const near = wrong.startsWith('--') ? nearest(wrong, known) : undefined
      return new Failure('usage', `Unknown flag ${wrong}.`, [
        ...(near ? [`Did you mean: ${near}`] : []),
        help,
      ])
    }

    case 'UnexpectedArgsError': {
      const hint = command === 'prompt' ? ['A prompt is one argument: clinvk "fix the bug"'] : []
      return new Failure('usage', sentence(error.message), [...hint, help])
    }

    default:
      return new Failure('usage', sentence(error.message), [help], {cause: error})
  }
}

/** oclif's messages span lines and say `--flag=true` of a switch. */
function sentence(message: string): string {
  return message
    .replace(/\n?See more help with --help$/, '')
    .replace(/^The following errors? occurred:\s*/, '')
    .replace(/^Parsing (--[\w-]+)\s+/, '$1: ')
    .replaceAll(/(--[\w-]+)=true\b/g, '$1')
    .replace(/^Missing \d+ required args?:\n(\S+).*$/s, 'Missing: $1')
    .replaceAll(/\s*\n\s*/g, '; ')
    .trim()
}
