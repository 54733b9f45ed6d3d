import {existsSync, readFileSync} from 'node:fs'
import {Failure, messageOf} from '../errors/failure.js'

/** The Failure of a program that could not be started. Of a script the system names the file where it means its interpreter. */
export function startFailure(file: string, error: unknown): Failure {
  const why = (error as NodeJS.ErrnoException).code === 'ENOENT' ? missingPart(file) : undefined
  return new Failure('unavailable', `${file} could not be started: ${why ?? messageOf(error)}`)
}

function missingPart(file: string): string | undefined {
  let start: string
  try {
    start = readFileSync(file).toString('latin1', 0, 256)
  } catch {
    return undefined
  }
  // Seen with an agent for musl on a system with glibc, and the other way round.
  if (start.startsWith('\u007FELF')) return 'it is made for another system, whose loader is missing here.'
  const [, line = '', interpreter = ''] = /^#!([^\S\n]*(\S*)[^\n]*)/.exec(start) ?? []
  if (line.endsWith('\r'))
    return `its first line ends with a carriage return (CRLF), so that the system looks for "${interpreter}\\r". Save it with LF.`
  return interpreter === '' || existsSync(interpreter)
    ? undefined
    : `its interpreter ${interpreter} does not exist.`
}
