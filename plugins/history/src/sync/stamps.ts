import type {Source} from './sources.js'
import type {Unit} from './units.js'

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

/** Instead of a stamp: that of no record. */
export const UNREAD = '?'
