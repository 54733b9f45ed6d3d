import {Failure, isFailure, messageOf} from 'clinvk-kit/errors/failure'
import {nearest, oneLine, quoteCommand} from 'clinvk-kit/format/text'

/** What oclif throws on wrong flags and arguments. Known by its shape: there may be two copies of oclif. */
interface UsageError extends Error {
  readonly oclif: {readonly exit?: number}
  /** Flags that do not exist (`NonExistentFlagsError`). */
  readonly flags?: readonly string[]
  readonly parse?: {
    readonly input?: {
      readonly args?: Readonly<Record<string, {readonly required?: boolean}>>
      readonly flags?: Readonly<Record<string, unknown>>
    }
  }
}

export function isUsageError(error: unknown): error is UsageError {
  return error instanceof Error && 'oclif' in error && typeof error.oclif === 'object' && error.oclif !== null
}

/** The same as one sentence and what to do next. `command` is what the user wanted: `sessions list`. */
export function usageFailure(error: UsageError, command: string): Failure {
  const hints = [`See: clinvk ${command === '' ? '' : `${command} `}--help`]
  if (error.constructor.name === 'NonExistentFlagsError') {
    const [wrong = ''] = error.flags ?? []
    if (/\s/.test(wrong))
      hints.unshift(`A prompt that begins with a dash: clinvk -- ${quoteCommand([wrong])}`)
    const known = Object.keys(error.parse?.input?.flags ?? {}).map((name) => `--${name}`)
    const near = wrong.startsWith('--') ? nearest(wrong, known) : undefined
    if (near !== undefined) hints.unshift(`Did you mean: ${near}`)
    return new Failure('usage', `Unknown flag ${wrong}.`, hints)
  }
  if (error.constructor.name === 'UnexpectedArgsError' && command in ONE_PROMPT)
    hints.unshift(`A prompt is one argument: clinvk ${ONE_PROMPT[command]!}"fix the bug"`)
  if (command === 'help') hints[0] = 'All commands: clinvk --help'
  if (error.constructor.name === 'RequiredArgsError')
    hints.unshift(`Usage: clinvk ${command} ${inUsage(error.parse?.input?.args ?? {})}`)
  return new Failure('usage', sentence(error.message), hints, {cause: error})
}

/** What stands before the prompt of a command. */
const ONE_PROMPT: Readonly<Record<string, string>> = {
  prompt: '',
  resume: 'resume ID ',
  compare: 'compare --backends claude,codex ',
}

/** `ID [NAME]` */
function inUsage(args: Readonly<Record<string, {readonly required?: boolean}>>): string {
  return Object.entries(args)
    .map(([name, {required}]) => (required ? name.toUpperCase() : `[${name.toUpperCase()}]`))
    .join(' ')
}

/** What a command of a user's plugin has thrown: no bug of clinvk. A Failure or usage error is left as it is. */
export function pluginFailure(error: unknown, command: string, plugin: string): unknown {
  if (isFailure(error) || isUsageError(error)) return error
  return new Failure(
    'unavailable',
    `The plugin ${plugin} failed in its command ${command}: ${oneLine(messageOf(error))}`,
    ['Try: clinvk plugins update', `Where it failed: DEBUG=* clinvk ${command}`],
    {cause: error},
  )
}

/** oclif's messages span lines and say `--flag=true` of a switch. */
function sentence(message: string): string {
  return message
    .replace(/\n?See more help with --help$/, '')
    .replace(/^The following errors? occurred:\s*/, '')
    .replace(/^Parsing (--[\w-]+)\s+/, '$1: ')
    .replaceAll(/(--[\w-]+)=true\b/g, '$1')
    .replace(
      /^Expected (?:(--[\w-]+)=)?(.*) to be one of: (.*)$/s,
      (_, flag: string | undefined, given, values) =>
        `${flag === undefined ? '' : `${flag}: `}"${given}" is not allowed. Allowed: ${values}.`,
    )
    .replace(
      /^(--[\w-]+)(?:=.*)? cannot also be provided when using (--[\w-]+)$/s,
      '$1 and $2 cannot be used together.',
    )
    .replace(/^All of the following must be provided when using (--[\w-]+): (--[\w-]+)$/, '$1 needs $2.')
    .replace(/^Flag (--[\w-]+) expects a value$/, '$1 needs a value.')
    .replace(/^(--[\w-]+): Expected an integer but received: (.*)$/s, '$1: "$2" is not a whole number.')
    .replace(
      /^(--[\w-]+): Expected an integer (.*) but received: (.*)$/s,
      '$1: "$3" is not a whole number $2.',
    )
    .replace(/^Missing required flag (\S+)$/, 'Missing: --$1')
    .replace(/^Command (.+) not found\.$/, 'Unknown command "$1".')
    .replace(/^Missing \d+ required args?:\n(\S+).*$/s, 'Missing: $1')
    .replaceAll(/\s*\n\s*/g, '; ')
    .trim()
}
