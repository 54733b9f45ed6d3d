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
