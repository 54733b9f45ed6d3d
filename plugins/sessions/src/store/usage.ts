import type {Usage} from 'clinvk-contract'
import {type SessionFile, TOKEN_FIELDS} from './session-file.js'

/** Input, output, cached, reasoning: as the index keeps them. */
export type Tokens = readonly [number, number, number, number]

/** The tokens of a session. Undefined when none are known. */
export function tokensOf({token_usage: usage = {}}: SessionFile): Tokens | undefined {
  const tokens = TOKEN_FIELDS.map((field) => usage[field] ?? 0) as unknown as Tokens
  return tokens.some(Boolean) ? tokens : undefined
}

export function addTokens(sum: Tokens, tokens: Tokens | undefined, times: 1 | -1 = 1): Tokens {
  return tokens ? (sum.map((count, index) => count + times * tokens[index]!) as unknown as Tokens) : sum
}

export function sumOf(entries: readonly {readonly tokens?: Tokens}[]): Tokens {
  return entries.reduce<Tokens>((sum, {tokens}) => addTokens(sum, tokens), [0, 0, 0, 0])
}

/** Input and output of all turns; cached tokens are part of the input. Undefined when unknown, which other programs write as 0. */
export function totalTokens({token_usage: usage}: SessionFile): number | undefined {
  return (usage?.input_tokens ?? 0) + (usage?.output_tokens ?? 0) || undefined
}

/** Adds the tokens of a turn to those of its session. */
export function addUsage(session: SessionFile, usage: Usage | undefined): void {
  if (!usage) return
  const total = (session.token_usage ??= {})
  for (const field of TOKEN_FIELDS)
    if (usage[field] !== undefined) total[field] = (total[field] ?? 0) + usage[field]
}
