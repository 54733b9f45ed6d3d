/** What a tool works on, for people: the one field of its input that says it. */
export function toolTarget(input: Readonly<Record<string, unknown>> = {}): string | undefined {
  for (const field of TARGETS) {
    const value = input[field]
    if (typeof value === 'string' && value !== '') return value
  }

  return undefined
}

const TARGETS = [
  'filePath',
  'command',
  'path',
  'pattern',
  'url',
  'query',
  'name',
  'description',
  'prompt',
] as const
