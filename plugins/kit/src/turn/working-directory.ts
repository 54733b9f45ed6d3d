import {realpathSync, statSync} from 'node:fs'
import {resolve} from 'node:path'
import {Failure} from '../errors/failure.js'

/** The real path of the directory that a turn runs in: the session's, or what was asked for, or the current one. */
export function workingDirectory(
  asked: string | undefined,
  ofSession: string | undefined,
  cwd: string,
): string {
  const wanted = asked === undefined ? undefined : resolve(cwd, asked)
  if (ofSession === undefined) return existingDirectory(wanted ?? cwd)
  const real = directoryOfSession(ofSession)
  if (wanted !== undefined && existingDirectory(wanted) !== real) {
    throw new Failure('usage', `This session belongs to ${ofSession}; it cannot be resumed in ${wanted}.`, [
      'Leave out --workdir, or start a new session there.',
    ])
  }

  return real
}

/** The real path of the directory that a session belongs to. Throws a Failure when it is gone. */
export function directoryOfSession(directory: string): string {
  const real = realDirectory(directory)
  if (real !== undefined) return real
  throw new Failure('session', `The directory of this session is gone: ${directory}`, [
    'Create it again, or start a new session where you are.',
  ])
}

function existingDirectory(path: string): string {
  const real = realDirectory(path)
  if (real !== undefined) return real
  throw new Failure('usage', `There is no directory ${path}`)
}

function realDirectory(path: string): string | undefined {
  return statSync(path, {throwIfNoEntry: false})?.isDirectory() ? realpathSync(path) : undefined
}
