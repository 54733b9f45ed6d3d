import {
  addTokens,
  type AnyEntry,
  type IndexEntry,
  isForeign,
  newestFirst,
  sessionsOf,
  sumOf,
  type Tokens,
} from './index-entry.js'
import {type Gone, lineOf, lineOfSeal, type Seal} from './journal-line.js'

/** What one change adds to a journal of this size. */
export function linesAfter(
  seal: Seal,
  size: number,
  changed: string,
  before: Counted | undefined,
  after: IndexEntry | Gone,
): string {
  const gone = 'gone' in after
  const line = lineOf(after, !gone && after.used < seal.latest)
  const tokens = addTokens(seal.tokens, before?.tokens, -1)
  return (
    line +
    lineOfSeal({
      ...seal,
      changed,
      at: size + line.length,
      lines: seal.lines + 2,
      sessions: seal.sessions + (gone ? 0 : 1) - (before ? 1 : 0),
      tokens: gone ? tokens : addTokens(tokens, after.tokens),
      latest: gone ? seal.latest : Math.max(seal.latest, after.used),
    })
  )
}

/** A session whose tokens are part of the sum. */
export interface Counted {
  readonly tokens: Tokens | undefined
}

/** A whole index. Without a seal it only spares the reading of files that are as they were. */
export function wholeText(entries: readonly AnyEntry[], changed: string | undefined): string {
  const foreign = entries.filter((entry) => isForeign(entry))
  const sessions = sessionsOf(entries).sort((a, b) => newestFirst(b, a))
  const text = [...foreign, ...sessions].map((entry) => lineOf(entry)).join('')
  if (changed === undefined) return text
  const seal: Seal = {
    changed,
    at: text.length,
    lines: entries.length + 1,
    sessions: sessions.length,
    tokens: sumOf(sessions),
    latest: sessions.at(-1)?.used ?? 0,
    checked: Date.now(),
    foreign: foreign.map(({id}) => id),
  }
  return text + lineOfSeal(seal)
}
