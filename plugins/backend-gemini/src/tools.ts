/** What a tool works on, for people: the one field of its input that says it. */
export function toolTarget(input: Readonly<Record<string, unknown>> = {}): string | undefined {
  for (const field of TARGETS) {
    const value = input[field]
    if (typeof value === 'string' && value !== '') return value
  }

  return undefined
}

/** Tools that change files. */
export const EDITORS: ReadonlySet<string> = new Set(['replace', 'write_file'])

const TARGETS = [
  'file_path',
  'dir_path',
  'path',
  'command',
  'pattern',
  'query',
  'prompt',
  'name',
  'agent_name',
] as const
