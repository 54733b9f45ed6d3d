import type {SessionStore} from 'clinvk-plugin-sessions/store/store'
import type {Source, Sources} from './sources.js'
import type {Unit} from './units.js'
import {inIndex} from './written-index.js'

/** Whether there is more to read than what was read the last time. */
export function hasChanged({own, record, recorded, session}: Unit, known: Source | undefined): boolean {
  if (!known || known.session !== session) return true
  const before = recordStamp(known)
  // It is back as it was, or may be readable now.
  if (recorded && (known.goneAt !== undefined || before === UNREAD)) return true
  return known.stamp !== `${record === '' ? before : record}|${own}`
}

/** Of the agent's record, without that of clinvk's own transcript. */
export function recordStamp({stamp}: Source): string {
  return stamp.slice(0, stamp.lastIndexOf('|'))
}

/** Instead of a stamp: that of a record that could not be read. */
export const UNREAD = '?'

export interface Missing {
  readonly store: SessionStore
  /** Backends of which some conversations may be missing. */
  readonly unlisted: ReadonlySet<string>
  /** From the index. */
  readonly remove: (key: string) => void
}
/** Removes what the user has deleted, and marks what the agent has. Returns whether there was any. */
export function dropMissing(
  sources: Sources,
  units: ReadonlyMap<string, Unit>,
  {remove, store, unlisted}: Missing,
): boolean {
  let isChanged = false
  for (const [key, source] of sources) {
    const {goneAt, session} = source
    const unit = units.get(key)
    if (unit?.recorded || (goneAt !== undefined && session === undefined)) continue
    if (session === undefined || unit) {
      if (unit?.record === recordStamp(source) || goneAt !== undefined) continue
      if (unlisted.has(source.backend)) continue
      sources.set(key, {...source, goneAt: new Date().toISOString()})
    } else if (
      store.files.stamp(session) === '' ||
      [...units.values()].some((unit) => unit.session === session || unit.others?.includes(session))
    ) {
      inIndex(() => remove(key))
      sources.delete(key)
    } else continue
    isChanged = true
  }

  return isChanged
}

/** Removes sessions that are no longer there. Returns whether there was any. */
export function dropDeleted(sources: Sources, {remove, store}: Missing): boolean {
  let isChanged = false
  for (const [key, {session}] of sources) {
    if (session === undefined || store.files.stamp(session) !== '') continue
    inIndex(() => remove(key))
    sources.delete(key)
    isChanged = true
  }

  return isChanged
}
