import {type IndexEntry, isForeign, newestFirst} from './index-entry.js'
import type {OpenJournal} from './journal.js'
import {holding, parse} from './journal-line.js'

/** Entries from the last used back, each session once; with `field` those that have it in some field. */
export function* newestOf(journal: OpenJournal, field: string | undefined): Generator<IndexEntry> {
  const seen = new Set<string>()
  // A line may be late, after others of later use: it waits until nothing later can come.
  const waiting: IndexEntry[] = []
  for (const line of journal.lines(field === undefined ? '' : holding(field))) {
    const record = parse(line)
    if (!record || 'changed' in record || seen.has(record.id)) continue
    seen.add(record.id)
    if ('gone' in record || isForeign(record)) continue
    waiting.push(record)
    if (record.late) continue
    waiting.sort(newestFirst)
    while (waiting.length > 0 && waiting[0]!.used > record.used) yield waiting.shift()!
  }

  yield* waiting.sort(newestFirst)
}

/** Ids of the lines that fit, also of those that no longer count. */
export function idsOf(lines: Iterable<string>, isFit: (entry: IndexEntry) => boolean): string[] {
  const ids = new Set<string>()
  for (const line of lines) {
    const record = parse(line)
    if (record && 'used' in record && isFit(record)) ids.add(record.id)
  }

  return [...ids]
}
