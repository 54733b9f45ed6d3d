import type {Candidate, CompleteQuestion} from 'clinvk-kit/hooks/complete'
import {resolveSession} from '../resolve/resolve-session.js'
import {SessionStore} from '../store/store.js'

/** The tags that are in use; with `sessions tag ID remove` those of that session, with `add` the others. */
export function tagCandidates({args, env, kind}: CompleteQuestion): Candidate[] {
  const store = new SessionStore(env)
  const [reference = '', action] = kind === 'tag:change' ? args : []
  const own = action === undefined ? [] : tagsOf(reference, store)
  if (action === 'remove') return own.map((value) => ({value}))
  const counts = new Map<string, number>()
  for (const {tags = []} of store.entries())
    for (const tag of tags) counts.set(tag, (counts.get(tag) ?? 0) + 1)
  return [...counts]
    .filter(([tag]) => !own.includes(tag))
    .sort(([a, many], [b, more]) => more - many || (a < b ? -1 : 1))
    .map(([value, count]) => ({value, description: `${count} session${count === 1 ? '' : 's'}`}))
}

function tagsOf(reference: string, store: SessionStore): readonly string[] {
  try {
    return resolveSession(reference, store).tags ?? []
  } catch {
    return []
  }
}
