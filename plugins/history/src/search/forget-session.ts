import type {Env} from 'clinvk-kit/io'
import {sqliteDriver} from './database.js'
import {openIndex} from './index-file.js'
import {IndexWriter} from './write-index.js'

/** Removes a session from the index. Where that fails, as when there is no SQLite, `sync` does it later. */
export function forgetSession(env: Env, id: string): void {
  try {
    const open = sqliteDriver()
    const {db} = open ? openIndex(env, open) : {}
    if (!db) return
    const writer = new IndexWriter(db)
    const key = writer.keyOf(id)
    if (key !== undefined) writer.remove(key)
    writer.end()
    db.close()
  } catch {
    // Another process writes for long, or the index is damaged.
  }
}
