import type {FailureKind} from './outcome.js'

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
