/** The same data with secrets of well-known forms replaced, wherever a text has them. */
export function redacted<Data>(data: Data): Data {
  return mapTexts(data, redact, 0) as Data
}

function redact(text: string): string {
  return SECRETS.reduce((rest, pattern) => rest.replace(pattern, '$1[redacted]'), text)
}

function mapTexts(value: unknown, map: (text: string) => string, depth: number): unknown {
  if (typeof value === 'string') return map(value)
  if (typeof value !== 'object' || value === null) return value
  if (depth > DEEPEST) return null
  if (Array.isArray(value)) return value.map((one) => mapTexts(one, map, depth + 1))
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, mapTexts(one, map, depth + 1)]))
}

/** Each begins with a group that stays, which may be empty. None takes longer than the text is long. */
const SECRETS = [
  /()-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
  // OpenAI and Anthropic; GitHub; GitLab, npm, Hugging Face, Stripe.
  /()\bsk-[\w-]{16,}/g,
  /()\b(?:gh[opsur]_|github_pat_)\w{20,}/g,
  /()\b(?:glpat-|npm_|hf_|[rs]k_live_)[\w-]{16,}/g,
  // AWS, Google, Slack, JSON web tokens.
  /()\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g,
  /()\bAIza[\w-]{30,}/g,
  /()\bxox[a-z]-[\w-]{10,}/g,
  /()(?<![\w-])eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g,
  /(\b[Aa]uthorization: ?(?:Bearer|Basic|token) +)[\w.~+/=-]{8,}/g,
  /(\b[A-Z][A-Z0-9_]*_(?:KEY|TOKEN|SECRET|PASSWORD)"?\s{0,3}[=:]\s{0,3})(?:"[^"\n]+"|'[^'\n]+'|[^\s"',;]+)/g,
]
const DEEPEST = 100
