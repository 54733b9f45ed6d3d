/** Shows on a terminal what is being done, and for how long. */
export async function withProgress<T>(what: string, action: () => Promise<T>): Promise<T> {
  if (!process.stderr.isTTY) return action()
  const {LiveLine} = await import('../output/live-line.js')
  const line = new LiveLine(process.stderr, what)
  try {
    return await action()
  } finally {
    line.end()
  }
}
