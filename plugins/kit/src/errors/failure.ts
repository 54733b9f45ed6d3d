/**
 * An error that is the user's to fix: what happened and what to do next. Known
 * by its `kind`, never by `instanceof`: there may be two copies of this module.
 */
export class Failure extends Error {
  readonly kind: FailureKind
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

/** What an error says; anything may be thrown, also what cannot be made a text. */
export function messageOf(error: unknown): string {
  try {
    return String(error instanceof Error ? (error.message as unknown) : error)
  } catch {
    return 'unknown error'
  }
}

/** How a turn ended, for scripts: one word a meaning, the same for every backend. */
export type Outcome =
  | 'success'
  | 'failed'
  | 'unavailable'
  | 'config'
  | 'session'
  | 'server'
  | 'timeout'
  | 'auth'
  | 'rate_limit'
  | 'refused'
  | 'limit'
  | 'schema'
  | 'cancelled'

/**
 * What went wrong, finer than the outcome: `agent` and `usage` are both `failed`,
 * `timeout` and `idle_timeout` are both `timeout`, `internal` is a bug of ours.
 */
export type FailureKind =
  'agent' | 'usage' | 'internal' | 'idle_timeout' | Exclude<Outcome, 'success' | 'failed'>

/** The exit code of clinvk for each kind of failure (`docs/reference/exit-codes.md`). */
export function exitCode(kind: FailureKind, signal?: string): number {
  return kind === 'cancelled'
    ? 128 + (SIGNAL_NUMBERS[signal ?? ''] ?? SIGNAL_NUMBERS.SIGINT!)
    : EXIT_CODES[kind]
}

export function outcomeOf(kind: FailureKind): Outcome {
  switch (kind) {
    case 'agent':
    case 'usage':
    case 'internal':
      return 'failed'
    case 'idle_timeout':
      return 'timeout'
    default:
      return kind
  }
}

const EXIT_CODES: Record<Exclude<FailureKind, 'cancelled'>, number> = {
  agent: 1,
  usage: 1,
  internal: 1,
  unavailable: 2,
  config: 3,
  session: 4,
  server: 5,
  timeout: 6,
  idle_timeout: 6,
  auth: 8,
  rate_limit: 9,
  refused: 10,
  limit: 11,
  schema: 12,
}

const SIGNAL_NUMBERS: Record<string, number> = {SIGHUP: 1, SIGINT: 2, SIGTERM: 15}
