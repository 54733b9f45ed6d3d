import {existsSync} from 'node:fs'
import type {Env} from 'clinvk-kit/io'
import {sqliteDriver} from '../search/database.js'
import {indexPath, openIndex} from '../search/index-file.js'
import {IndexWriter} from '../search/write-index.js'
import {readSources, writeSources} from './sources.js'
import {historyLock} from './written-index.js'

export interface Forgotten {
  /** Ids. */
  readonly sessions?: ReadonlySet<string>
  /** By `sourceKey`. */
  readonly conversations?: ReadonlySet<string>
}

/**
 * Removes from index and sources what is known of sessions and conversations. What agents still have of them is read anew
 * by the next `sync`; one that runs now removes the sessions at its end.
 */
export async function forget(env: Env, {conversations, sessions}: Forgotten): Promise<void> {
  const lock = await historyLock(env)
    .acquire(LONGEST_WAIT_MS)
    .catch(() => undefined)
  try {
    if (existsSync(indexPath(env))) forgetInIndex(env, {conversations, sessions})
    const {index, sources} = readSources(env)
    const {size} = sources
    for (const [key, {session}] of sources)
      if (conversations?.has(key) || (session !== undefined && sessions?.has(session))) sources.delete(key)
    if (lock && sources.size < size) await writeSources(env, sources, index)
  } finally {
    lock?.release()
  }
}

/** Where that fails, as when there is no SQLite, `sync` does it later. */
function forgetInIndex(env: Env, {conversations = new Set(), sessions = new Set()}: Forgotten): void {
  try {
    const open = sqliteDriver()
    const {db} = open ? openIndex(env, open) : {}
    if (!db) return
    db.exec('pragma secure_delete = on')
    const writer = new IndexWriter(db)
    const keys = [...conversations, ...[...sessions].flatMap((id) => writer.keysOf(id))]
    for (const key of keys) writer.remove(key)
    writer.end()
    // Else the words would stay in the file until they are in the way, and the texts in the log.
    if (keys.length > 0) db.exec(`${OPTIMIZE}; pragma wal_checkpoint(truncate)`)
    db.close()
  } catch {
    // Another process writes for long, or the index is damaged.
  }
}

const OPTIMIZE = "insert into message_words(message_words) values ('optimize')"
const LONGEST_WAIT_MS = 2000
