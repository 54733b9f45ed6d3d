import {accessSync, constants, statSync} from 'node:fs'
import {delimiter, isAbsolute, join, resolve} from 'node:path'
import type {BackendEntry} from './discover.js'

/** How to start the agent's program: a file, and arguments that come before those of the plan. */
export interface Executable {
  readonly file: string
  readonly leading: readonly string[]
}

/**
 * Finds the program of a backend: in PATH, or in its own package when the
 * descriptor's path begins with `./`; such a script runs under this Node.
 */
export function findExecutable(
  {descriptor: {executable}, root}: Pick<BackendEntry, 'descriptor' | 'root'>,
  env: Readonly<Record<string, string | undefined>>,
): Executable | undefined {
  if (executable.startsWith('./')) return {file: process.execPath, leading: [join(root, executable)]}
  if (isAbsolute(executable)) return isExecutable(executable) ? {file: executable, leading: []} : undefined
  const endings = process.platform === 'win32' ? (env.PATHEXT ?? '.EXE;.CMD').split(';') : ['']
  for (const directory of (env.PATH ?? '').split(delimiter)) {
    for (const ending of endings) {
      // Absolute, because the agent may run in another directory than the one that PATH is relative to.
      const file = resolve(directory, executable + ending)
      if (isExecutable(file)) return {file, leading: []}
    }
  }

  return undefined
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch {
    return false
  }
}
