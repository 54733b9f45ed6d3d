import type {LedgerRow} from './ledger.js'
import {sumWorth, type Worth} from './prices.js'

export const KEYS = ['day', 'backend', 'model', 'directory', 'tag', 'session'] as const
export type Key = (typeof KEYS)[number]

/** Calls that have the same key. A missing sum is unknown, which is not 0. */
export interface Group extends Sums {
  /** Undefined for calls that have none: of an unknown model, without a tag, of no session. */
  readonly key?: string
  readonly calls: number
  readonly worth: Worth
  /** One of the calls; by session, all are of one conversation. */
  readonly sample: LedgerRow
}

export interface Sums {
  readonly input?: number
  readonly cached?: number
  /** Written to a cache, for however long. */
  readonly write?: number
  readonly output?: number
  readonly reasoning?: number
  /** Input and output. */
  readonly total?: number
}

/**
 * Groups calls by a key: days come in their order, others by what they are worth, then by their tokens. `tagsOf` names
 * the tags of a session; a call of a session with several is in several groups.
 */
export function grouped(
  rows: Iterable<LedgerRow>,
  by: Key,
  valueOf: (row: LedgerRow) => Worth,
  tagsOf: (session: string | undefined) => readonly string[],
): {groups: Group[]; total: Omit<Group, 'sample'>} {
  const groups = new Map<string | undefined, Summing<Group>>()
  const total: Summing<Omit<Group, 'sample'>> = {calls: 0, worth: sumWorth([])}
  for (const row of rows) {
    const worth = valueOf(row)
    add(total, row, worth)
    for (const key of keysOf(row, by, tagsOf)) {
      // Conversations without a session stay apart.
      const id = by === 'session' && key === undefined ? `${row.backend} ${row.conversation}` : key
      const group = groups.get(id) ?? {key, sample: row, calls: 0, worth: sumWorth([])}
      groups.set(id, group)
      add(group, row, worth)
    }
  }

  return {groups: [...groups.values()].sort(by === 'day' ? byDay : byWorth), total}
}

type Summing<Sum> = {-readonly [Field in keyof Sum]: Sum[Field]}

function add(group: Summing<Omit<Group, 'sample'>>, row: LedgerRow, worth: Worth): void {
  const {cached, input, output, reasoning, write, write1h} = row
  const counts = {input, cached, write: plus(write, write1h), output, reasoning, total: plus(input, output)}
  for (const [field, count] of Object.entries(counts) as [keyof Sums, number | undefined][])
    group[field] = plus(group[field], count)
  group.worth = group.calls === 0 ? worth : sumWorth([group.worth, worth])
  group.calls++
}

function plus(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined ? b : a + (b ?? 0)
}

function keysOf(
  {at, backend, directory, model, session}: LedgerRow,
  by: Key,
  tagsOf: (session: string | undefined) => readonly string[],
): readonly (string | undefined)[] {
  if (by !== 'tag') return [{day: localDay(at), backend, model, directory, session}[by]]
  const tags = tagsOf(session)
  return tags.length > 0 ? tags : [undefined]
}

/** `2026-01-31` where the user is. */
export function localDay(at: string): string {
  const time = new Date(at)
  const [month, day] = [time.getMonth() + 1, time.getDate()].map((part) => String(part).padStart(2, '0'))
  return `${time.getFullYear()}-${month}-${day}`
}

function byDay(a: Group, b: Group): number {
  return a.key! < b.key! ? -1 : 1
}

function byWorth(a: Group, b: Group): number {
  const [usd, tokens] = [(b.worth.usd ?? 0) - (a.worth.usd ?? 0), (b.total ?? 0) - (a.total ?? 0)]
  return usd || tokens || (String(a.key) < String(b.key) ? -1 : 1)
}
