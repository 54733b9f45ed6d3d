/**
 * What `clinvk doctor` checks. A plugin adds checks of its own by answering the
 * hook `doctor` with a list of them.
 */
export interface Check {
  /** One or two words, for the JSON: `sessions`. */
  readonly name: string
  /** What it finds, a line each; at least one, so that a user sees that it was looked at. Changes nothing. */
  run(): readonly Finding[] | Promise<readonly Finding[]>
}

export interface Finding {
  /** `problem`: something that a user wants does not work. `warning`: it may not, or it is not as it should be. */
  readonly state: 'ok' | 'warning' | 'problem'
  readonly message: string
  /** What to do, a sentence or command a line. Not needed where `repair` does it. */
  readonly hints?: readonly string[]
  /** What `--fix` asks before, on a terminal; without one it does not repair. For what only a user can know. */
  readonly question?: string
  /** What `--fix` does: safe. Returns a sentence about it. */
  readonly repair?: () => string | Promise<string>
}

/** What a plugin that answers the hook `doctor` is told. */
export interface DoctorQuestion {
  readonly env: Readonly<Record<string, string | undefined>>
}
