export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The object that a text of JSON is; undefined for every other text. */
export function parseRecord(text: string): Record<string, unknown> | undefined {
  try {
    const found: unknown = JSON.parse(text)
    return isRecord(found) ? found : undefined
  } catch {
    return undefined
  }
}

/** Whether a value has all that a sample has, of the same types; a list has values like the first one of the sample. */
export function isLike(found: unknown, sample: unknown): boolean {
  if (Array.isArray(sample)) return Array.isArray(found) && found.every((value) => isLike(value, sample[0]))
  if (!isRecord(sample)) return typeof found === typeof sample
  return isRecord(found) && Object.entries(sample).every(([key, part]) => isLike(found[key], part))
}
