import {tmpdir} from 'node:os'
import {join} from 'node:path'
import type {Turn} from 'clinvk-contract'

/**
 * Empty directories that codex 0.169.0 may leave behind: while a command runs, codex
 * makes them where the command may write, so that the command cannot. They stay when
 * codex itself ends the command (after SIGINT, or at the end of the turn), but not
 * when codex dies by SIGTERM.
 */
export function sandboxLeftovers({addDirs, cwd, sandbox}: Turn): string[] {
  if (sandbox === 'read-only' || sandbox === 'full') return []
  const places = new Set([cwd, ...addDirs, tmpdir(), '/tmp'])
  return [...places].flatMap((place) => NAMES.map((name) => join(place, name)))
}

/**
 * After SIGINT codex tells the model of the interruption; after SIGTERM it does not, but
 * leaves no directories. The thread can be resumed in both cases (seen with 0.169.0).
 */
export function stopSignal(turn: Turn): 'SIGINT' | 'SIGTERM' {
  return sandboxLeftovers(turn).length === 0 ? 'SIGINT' : 'SIGTERM'
}

const NAMES = ['.git', '.codex', '.agents', '.aws']
