/** What a tool works on, for people: the one field of its input that says it. */
export function toolTarget(input: unknown): string | undefined {
  if (typeof input !== 'object' || input === null) return undefined
  for (const field of TARGETS) {
    const value = (input as Record<string, unknown>)[field]
    if (typeof value === 'string' && value !== '') return value
  }

  return undefined
}

const TARGETS = [
  'file_path',
  'notebook_path',
  'path',
  'command',
  'pattern',
  'url',
  'query',
  'description',
] as const
