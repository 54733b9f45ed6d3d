import type {Usage} from 'clinvk-contract'
import type {SessionFile} from './store/session-file.js'

/** Adds the tokens of a turn to those of its session. */
export function addUsage(session: SessionFile, usage: Usage | undefined): void {
  if (!usage) return
  const total = (session.token_usage ??= {})
  for (const field of ['input_tokens', 'output_tokens', 'cached_tokens', 'reasoning_tokens'] as const) {
    const value = usage[field]
    if (value !== undefined) total[field] = (total[field] ?? 0) + value
  }
}
