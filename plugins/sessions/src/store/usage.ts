import type {Usage} from 'clinvk-contract'
import type {SessionFile} from './session-file.js'

/** Input, output, cached, reasoning: as the index keeps them. */
export type Tokens = readonly [number, number, number, number]

/** The tokens of a session. Undefined when none are known. */
export function tokensOf({token_usage: usage = {}}: SessionFile): Tokens | undefined {
  const tokens = FIELDS.map((field) => usage[field] ?? 0) as unknown as Tokens
  return tokens.some(Boolean) ? tokens : undefined
}

export function addTokens(sum: Tokens, tokens: Tokens | undefined, times: 1 | -1 = 1): Tokens {
  return tokens ? (sum.map((count, index) => count + times * tokens[index]!) as unknown as Tokens) : sum
}

export function sumOf(entries: readonly {readonly tokens?: Tokens}[]): Tokens {
  return entries.reduce<Tokens>((sum, {tokens}) => addTokens(sum, tokens), [0, 0, 0, 0])
}

/** The other way round: only what is known, none of it is 0. */
export function usageOf(tokens: Tokens): SessionFile['token_usage'] {
  return Object.fromEntries(FIELDS.flatMap((field, index) => (tokens[index] ? [[field, tokens[index]]] : [])))
}

/** Input and output of all turns; cached tokens are part of the input. Undefined when unknown, which other programs write as 0. */
export function totalTokens({token_usage: usage}: SessionFile): number | undefined {
  const {input_tokens: input, output_tokens: output} = usage ?? {}
  return input || output ? (input ?? 0) + (output ?? 0) : undefined
}

/** Adds the tokens of a turn to those of its session. */
export function addUsage(session: SessionFile, usage: Usage | undefined): void {
  if (!usage) return
  const total = (session.token_usage ??= {})
  for (const field of FIELDS) {
    const value = usage[field]
    if (value !== undefined) total[field] = (total[field] ?? 0) + value
  }
}

const FIELDS = ['input_tokens', 'output_tokens', 'cached_tokens', 'reasoning_tokens'] as const
