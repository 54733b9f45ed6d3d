import {LiveLine} from '../output/live-line.js'

/** Says on a terminal what is being checked; elsewhere nothing. */
export function progress(
  stream: NodeJS.WriteStream,
  backend: string,
): {readonly begin: (title: string) => void; readonly end: () => void} {
  if (!stream.isTTY) return {begin: () => undefined, end: () => undefined}
  const line = new LiveLine(stream, backend)
  return {begin: (title) => line.doing(title), end: () => line.end()}
}
