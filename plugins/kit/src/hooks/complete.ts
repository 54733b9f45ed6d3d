/**
 * What the shell offers on TAB. Commands and flags come from manifests; a command
 * says by `static completion` what kind of value an argument or a flag takes, and
 * a plugin answers the hook `complete` with the values of a kind of its own:
 *
 *     static completion = {args: {id: 'session'}, flags: {colour: 'paint:colour'}}
 *
 * Kinds that clinvk itself knows: `backend`, `command`, `directory`, `file`,
 * `model`, `plugin`, `plugin:any`, `run`, `setting`, `setting:any`, `setting:value`. Those of the sessions plugin: `session`,
 * `session:resumable`, `session:open`, `session:closed`, `tag`, `tag:change`.
 */
export interface Completion {
  /** The kind of value of an argument, by its name. */
  readonly args?: Readonly<Record<string, string>>
  /** The same of a flag. One that declares `options` needs none. */
  readonly flags?: Readonly<Record<string, string>>
}

/** One word that may stand at the place of the cursor. One with a line break in it is not offered. */
export interface Candidate {
  readonly value: string
  /** A few words, for shells that show them. */
  readonly description?: string | undefined
}

/** What a plugin that answers the hook `complete` is told. For a kind that is not its own it returns undefined. */
export interface CompleteQuestion {
  readonly kind: string
  /** What stands there already; candidates that begin in another way are not offered. */
  readonly beginning: string
  /** `sessions:tag`. */
  readonly command: string
  /** The arguments before it. */
  readonly args: readonly string[]
  /** The values of the flags before it, by the flag's long name; a switch has none. */
  readonly flags: Readonly<Record<string, readonly string[]>>
  readonly env: Readonly<Record<string, string | undefined>>
}
