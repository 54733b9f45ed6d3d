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
    const {backend, goneAt, session} = source
    const unit = units.get(key)
    const isElsewhere = () =>
      !unit && [...units.values()].some((one) => one.session === session || one.others?.includes(session!))
    if (session !== undefined && (store.files.stamp(session) === '' || isElsewhere())) {
      inIndex(() => remove(key))
      sources.delete(key)
    } else {
      const isThere = unit ? unit.recorded || unit.record === recordStamp(source) : session !== undefined
      if (isThere || goneAt !== undefined || unlisted.has(backend)) continue
      sources.set(key, {...source, goneAt: new Date().toISOString()})
    }
    isChanged = true
  }

  return isChanged
}
