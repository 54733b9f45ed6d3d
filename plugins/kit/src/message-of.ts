/** What an error says; anything may be thrown, also what cannot be made a text. */
export function messageOf(error: unknown): string {
  try {
    return error instanceof Error ? String(error.message) : String(error)
  } catch {
    return 'something that says nothing was thrown'
  }
}
