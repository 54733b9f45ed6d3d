import {existsSync, rmSync} from 'node:fs'
import {messageOf} from 'clinvk-kit/errors/failure'
import type {Env} from 'clinvk-kit/io'
import {pendingFile} from '../sync/places.js'
import type {SyncOptions, SyncResult} from '../sync/sync.js'
import {type Database, sqliteDriver} from './database.js'
import {indexPath, isDamage, openIndex} from './index-file.js'
import {findHits, type Hits, type Query} from './query.js'

export interface SearchContext {
  readonly env: Env
  readonly signal: AbortSignal
  /** Reads all conversations, where there is no index yet. */
  readonly sync: (options: SyncOptions) => Promise<SyncResult>
  /** Looks through all conversations, where there can be no index. */
  readonly scan: (query: Query) => Promise<Hits>
  /** Tells the user what is missing. */
  readonly note: (message: string) => void
}

/** What the user looks for, from the index; it is made first where it is missing or damaged. */
export async function answer(query: Query, context: SearchContext): Promise<Hits> {
  const {env, note, scan, signal, sync} = context
  const open = sqliteDriver()
  if (!open) {
    note(`all conversations were read, which takes long: this Node has no SQLite. ${HOW_TO_GET_IT}`)
    return scan(query)
  }

  for (let attempt = 0; ; attempt++) {
    const {db, state} = openIndex(env, open)
    if (state === 'newer') {
      note(
        'all conversations were read, which takes long: a later version of clinvk has made the search index.',
      )
      return scan(query)
    }

    try {
      if (db) return await ask(db, query, context)
    } catch (error) {
      if (!isDamage(error) || attempt > 0) throw error
      rmSync(indexPath(env), {force: true})
    } finally {
      db?.close()
    }

    const built = await sync({signal, waitMs: LONGEST_BUILD_MS}).catch((error: unknown) => {
      if (signal.aborted) throw error
      note(`all conversations were read, which takes long: ${messageOf(error)}`)
    })
    if (!built) return scan(query)
    const {index, state: end} = built
    if (end === 'interrupted' || index !== 'written') return {hits: [], total: 0}
  }
}

async function ask(db: Database, query: Query, {env, note}: SearchContext): Promise<Hits> {
  // What was said just now.
  if (existsSync(pendingFile(env))) {
    const {indexPending} = await import('./pending.js')
    await indexPending(db, env).catch((error: unknown) =>
      note(`what was said since the last search is not found: ${messageOf(error)}`),
    )
  }

  const unread = db.prepare("select value from meta where key = 'unread'").get() as
    {value: string} | undefined
  if (unread?.value) note(unread.value)
  return findHits(db, query)
}

const HOW_TO_GET_IT = 'Node 22.13 and later have it; for Node 20, install clinvk with its optional packages.'
const LONGEST_BUILD_MS = 600_000
