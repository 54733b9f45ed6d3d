import {oneLine} from 'clinvk-kit/format/one-line'
import type {SessionFile} from './store/session-file.js'

/** What a session is about, on one line: its name, its title, its first prompt, or at least its id. */
export function titleOf({
  id,
  initial_prompt: prompt,
  name,
  title,
}: Pick<SessionFile, 'id' | 'initial_prompt' | 'name' | 'title'>): string {
  return oneLine(name ?? title ?? prompt ?? '') || id.slice(0, 8)
}

/** The title of a new session: the beginning of its first prompt. */
export function titleFrom(prompt: string): string {
  const line = oneLine(prompt.slice(0, 1000))
  return line.length > LENGTH ? `${line.slice(0, LENGTH - 1).replace(/[\uD800-\uDBFF]$/, '')}…` : line
}

const LENGTH = 100
