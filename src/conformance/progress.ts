import {ProcessIO} from 'clinvk-kit/io'
import {LiveLine} from '../output/live-line.js'
import {Printer} from '../output/printer.js'

/** Says on a terminal what is being checked; elsewhere nothing. */
export function progress(
  stream: NodeJS.WriteStream,
  backend: string,
): {readonly begin: (title: string) => void; readonly end: () => void} {
  if (!stream.isTTY) return {begin: () => undefined, end: () => undefined}
  const line = new LiveLine(new Printer(new ProcessIO()), backend)
  return {begin: (title) => line.doing(title), end: () => line.end()}
}
