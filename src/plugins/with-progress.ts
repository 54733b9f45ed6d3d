/** Shows on a terminal what is being done, and for how long. */
export async function withProgress<T>(what: string, action: () => Promise<T>): Promise<T> {
  if (!process.stderr.isTTY) return action()
  const {LiveLine} = await import('../output/live-line.js')
  const {Printer} = await import('../output/printer.js')
  const {ProcessIO} = await import('clinvk-kit/io')
  const line = new LiveLine(new Printer(new ProcessIO()), what)
  try {
    return await action()
  } finally {
    line.end()
  }
}
