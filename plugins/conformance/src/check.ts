/** One thing that holds for a backend, and how it is found out. */
export interface Check<Bench> {
  /** Stable, for scripts and for the documentation. */
  readonly id: string
  /** What holds, as a sentence. */
  readonly title: string
  /** What to do when it does not, as a sentence. */
  readonly fix: string
  /** Throws `CheckFailed` when it does not hold; anything else that is thrown is a failure, too. */
  readonly run: (bench: Bench) => Outcome | Promise<Outcome>
}

/** Nothing: it holds. */
// eslint-disable-next-line @typescript-eslint/no-invalid-void-type -- a check that returns nothing is one that holds
export type Outcome = void | NotApplicable

/** There is nothing to find out: the agent has no such thing, or no fixture shows it. */
export interface NotApplicable {
  readonly notApplicable: string
}

export class CheckFailed extends Error {
  readonly expected: string
  readonly found: string

  constructor(expected: string, found: string) {
    super(found)
    this.expected = expected
    this.found = found
  }
}

export function notApplicable(reason: string): NotApplicable {
  return {notApplicable: reason}
}

export function expectThat(holds: boolean, expected: string, found: string): void {
  if (!holds) throw new CheckFailed(expected, found)
}

/** Compares as JSON, so that what is undefined is as good as missing. Lists are told by their first difference. */
export function expectEqual(found: unknown, expected: unknown, of: string): void {
  if (JSON.stringify(found) === JSON.stringify(expected)) return
  const [left, right] =
    Array.isArray(expected) && Array.isArray(found) ? firstDifference(expected, found) : [expected, found]
  throw new CheckFailed(`${of}: ${show(left)}`, show(right))
}

function firstDifference(these: readonly unknown[], others: readonly unknown[]): [unknown, unknown] {
  const length = Math.max(these.length, others.length)
  for (let index = 0; index < length; index++)
    if (JSON.stringify(these[index]) !== JSON.stringify(others[index])) return [these[index], others[index]]
  return [these, others]
}

/** A value as JSON, short enough for a line. */
export function show(value: unknown): string {
  const text = (JSON.stringify(value) as string | undefined) ?? String(value)
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}… (${text.length} characters)`
}

const LONGEST = 300
