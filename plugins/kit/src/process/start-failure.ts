import {closeSync, existsSync, openSync, readSync} from 'node:fs'
import {Failure, messageOf} from '../errors/failure.js'

/** The Failure of a program that could not be started. Of a script the system names the file where it means its interpreter. */
export function startFailure(file: string, error: unknown): Failure {
  const {code = ''} = error as NodeJS.ErrnoException
  const why = /^(?:ENOENT|EACCES)$/.test(code) ? missingPart(file) : undefined
  return new Failure('unavailable', `${file} could not be started: ${why ?? messageOf(error)}`)
}

function missingPart(file: string): string | undefined {
  const start = startOf(file)
  if (start === undefined) return undefined
  const [, line] = /^#!([^\n]*)/.exec(start) ?? []
  // Seen with an agent for musl on a system with glibc, and the other way round.
  if (line === undefined)
    return start.startsWith('\u007FELF')
      ? 'it is made for another system, whose loader is missing here.'
      : undefined
  const [interpreter = ''] = line.trim().split(/\s/)
  if (line.endsWith('\r'))
    return `its first line ends with a carriage return (CRLF), so that the system looks for "${interpreter}\\r". Save it with LF.`
  return existsSync(interpreter) ? undefined : `its interpreter ${interpreter} does not exist.`
}

/** Undefined when it cannot be read. */
function startOf(file: string): string | undefined {
  let opened: number | undefined
  try {
    opened = openSync(file, 'r')
    const bytes = Buffer.alloc(256)
    return bytes.toString('latin1', 0, readSync(opened, bytes))
  } catch {
    return undefined
  } finally {
    if (opened !== undefined) closeSync(opened)
  }
}
