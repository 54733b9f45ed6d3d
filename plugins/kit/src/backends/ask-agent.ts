import {statSync} from 'node:fs'
import {homedir} from 'node:os'
import type {Ask} from 'clinvk-contract'
import type {BackendEntry} from './discover.js'
import {findExecutable} from './find-executable.js'

/** What a backend asks its agent with, about a conversation in `cwd`; where that is gone, from the home directory. */
export function askAgent(
  entry: Pick<BackendEntry, 'descriptor' | 'root'>,
  {cwd, env, stop}: {cwd: string; env: Readonly<Record<string, string | undefined>>; stop?: AbortSignal},
): Ask {
  return async ({args, env: changes}) => {
    const executable = findExecutable(entry, env)
    if (!executable) return undefined
    const {askProgram} = await import('./ask-program.js')
    return askProgram({
      file: executable.file,
      args: [...executable.leading, ...args],
      cwd: statSync(cwd, {throwIfNoEntry: false})?.isDirectory() ? cwd : env.HOME || homedir(),
      env: {...env, ...changes},
      deadline: DEADLINE_MS,
      stop: stop ?? new AbortController().signal,
      kept: KEPT,
    })
  }
}

const DEADLINE_MS = 30_000
const KEPT = 16 * 1024 * 1024
