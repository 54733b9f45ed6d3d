import {tmpdir} from 'node:os'
import {join} from 'node:path'
import type {Turn} from 'clinvk-contract'

/**
 * What a command may not make where it may write: while it runs, codex puts empty
 * directories of these names there. When codex itself ends a command, by SIGINT
 * or because it runs in the background at the end of the turn, the directories
 * stay; not so when codex dies by SIGTERM (seen with 0.169.0).
 */
export function guardedDirectories({addDirs, cwd, sandbox}: Turn): string[] {
  if (sandbox === 'read-only' || sandbox === 'full') return []
  const places = new Set([cwd, ...addDirs, tmpdir(), '/tmp'])
  return [...places].flatMap((place) => NAMES.map((name) => join(place, name)))
}

const NAMES = ['.git', '.codex', '.agents', '.aws']
