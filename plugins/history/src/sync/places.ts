import {spawn} from 'node:child_process'
import {statSync} from 'node:fs'
import {join} from 'node:path'
import type {Env} from 'clinvk-kit/io'
import {clinvkHome} from 'clinvk-kit/settings/files'

/** Where all lies that is known of the history and can be made again, and the ledger. */
export function historyDirectory(env: Env): string {
  return join(clinvkHome(env), 'history')
}

/** The ids of sessions that have new turns, one a line, which `sync` has not seen yet. */
export function pendingFile(env: Env): string {
  return join(historyDirectory(env), 'pending')
}

/** Its time is that of the last `sync`, its text the id of that process. */
export function syncedFile(env: Env): string {
  return join(historyDirectory(env), 'synced')
}

/** Starts `clinvk history sync` in a process of its own, which needs neither this one nor a terminal. `root`: of clinvk. */
export function startSync(root: string, env: Env): void {
  const program = join(root, 'bin', 'run.js')
  const options = {cwd: historyDirectory(env), detached: true, env: {...env}, stdio: 'ignore'} as const
  const child = spawn(process.execPath, [program, 'history', 'sync', '--quiet'], options)
  // What was asked has been answered.
  child.on('error', () => undefined)
  child.unref()
}

/** Whether the last `sync` has begun within this minute. */
export function isSynced(env: Env): boolean {
  const last = statSync(syncedFile(env), {throwIfNoEntry: false})?.mtimeMs ?? 0
  return Math.abs(Date.now() - last) < 60_000
}
