/**
 * An error that is the user's to fix: what happened and what to do next. Known
 * by its `kind`, never by `instanceof`: there may be two copies of this module.
 */
export class Failure extends Error {
  readonly kind: FailureKind
  /** Finer than the kind, where a plugin has words of its own. */
  declare readonly code?: string
  /** What to do next, one sentence or command a line. */
  readonly hints: readonly string[]

  constructor(kind: FailureKind, message: string, hints: readonly string[] = [], options?: ErrorOptions) {
    super(message, options)
    this.name = 'Failure'
    this.kind = kind
    this.hints = hints
  }
}

export function isFailure(error: unknown): error is Failure {
  return error instanceof Error && 'kind' in error && 'hints' in error && Array.isArray(error.hints)
}

/** What the system has refused to do with a file. */
export type SystemError = NodeJS.ErrnoException & {code: string; syscall: string; dest?: string}

export function isSystemError(error: unknown): error is SystemError {
  return error instanceof Error && 'syscall' in error && 'code' in error
}

/** What an error says; anything may be thrown, also what cannot be made a text. Of a file: the reason and its path. */
export function messageOf(error: unknown): string {
  const reason = reasonOf(error)
  const isOfFile = isSystemError(error) && error.path !== undefined && reason !== error.message
  return isOfFile ? `${reason}: ${error.path}` : reason
}

/** The same without the path, for messages that name it: `permission denied (EACCES)`. */
export function reasonOf(error: unknown): string {
  try {
    const text = String(error instanceof Error ? (error.message as unknown) : error)
    const [, reason] = /^E[A-Z0-9]+: (.+?), \w+(?: '|$)/.exec(text) ?? []
    return isSystemError(error) && reason !== undefined ? `${reason} (${error.code})` : text
  } catch {
    return 'unknown error'
  }
}

/**
 * What can go wrong, finer than the outcome that scripts get, and the exit code (`docs/reference/exit-codes.md`).
 * `internal` is a bug of clinvk.
 */
const FAILURES = {
  agent: {outcome: 'failed', code: 1},
  usage: {outcome: 'failed', code: 1},
  internal: {outcome: 'failed', code: 1},
  unavailable: {outcome: 'unavailable', code: 2},
  config: {outcome: 'config', code: 3},
  session: {outcome: 'session', code: 4},
  server: {outcome: 'server', code: 5},
  timeout: {outcome: 'timeout', code: 6},
  idle_timeout: {outcome: 'timeout', code: 6},
  auth: {outcome: 'auth', code: 8},
  rate_limit: {outcome: 'rate_limit', code: 9},
  refused: {outcome: 'refused', code: 10},
  limit: {outcome: 'limit', code: 11},
  schema: {outcome: 'schema', code: 12},
  cancelled: {outcome: 'cancelled', code: 130},
} as const

export type FailureKind = keyof typeof FAILURES

/** How a turn ended, for scripts: one word a meaning, the same for every backend. */
export type Outcome = 'success' | (typeof FAILURES)[FailureKind]['outcome']

export function outcomeOf(kind: FailureKind): Outcome {
  return FAILURES[kind].outcome
}

/** `signal`: by which it was cancelled. */
export function exitCode(kind: FailureKind, signal = ''): number {
  const number = kind === 'cancelled' ? SIGNAL_NUMBERS[signal] : undefined
  return number === undefined ? FAILURES[kind].code : 128 + number
}

const SIGNAL_NUMBERS: Record<string, number> = {SIGHUP: 1, SIGINT: 2, SIGTERM: 15}
