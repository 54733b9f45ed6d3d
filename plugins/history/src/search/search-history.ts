import {existsSync, rmSync} from 'node:fs'
import {ioOf} from 'clinvk-kit/command'
import {Failure, messageOf} from 'clinvk-kit/errors/failure'
import {realPathOf} from 'clinvk-kit/files/read-file'
import type {SearchQuery} from 'clinvk-kit/for-plugins/history'
import {type Caller, checkStopped} from '../sync/caller.js'
import {isSynced, pendingFile, startSync} from '../sync/places.js'
import {type Database, sqliteDriver} from './database.js'
import {indexPath, isDamage, openIndex} from './index-file.js'
import {findHits, type Hits, type Query} from './query.js'

/** What is found, and the words that were looked for. */
export interface Found extends Hits {
  readonly words: readonly string[]
}

/** Finds what was said in conversations, of all with a limit of 0; reads later, in a process of its own, what is new since. Throws a Failure. */
export async function searchHistory(
  {directory, limit = 20, tags = [], words: given, ...filter}: SearchQuery,
  caller: Caller,
): Promise<Found> {
  const {config} = caller
  const {env} = ioOf(config)
  const words = wordsOf(given)
  const query: Query = {
    ...filter,
    words,
    directory: directory === undefined ? undefined : realPathOf(directory),
    sessions: tags.length > 0 ? await sessionsWith(tags, caller) : undefined,
    limit: limit === 0 ? MANY : limit,
  }
  const found = await answer(query, caller)
  checkStopped(caller)
  if (!isSynced(env)) startSync(config.root, env)
  return {...found, words}
}

/** From the index; it is made first where it is missing or damaged. */
async function answer(query: Query, caller: Caller): Promise<Hits> {
  const {env} = ioOf(caller.config)
  const open = sqliteDriver()
  if (!open) return readAll(`this Node has no SQLite. ${HOW_TO_GET_IT}`, query, caller)
  for (let attempt = 0; ; attempt++) {
    const {db, state} = openIndex(env, open)
    if (state === 'newer')
      return readAll('a later version of clinvk has made the search index.', query, caller)
    try {
      if (db) return await ask(db, query, caller)
    } catch (error) {
      if (!isDamage(error) || attempt > 0) throw error
      rmSync(indexPath(env), {force: true})
    } finally {
      db?.close()
    }

    try {
      const {syncFor} = await import('../sync/sync-now.js')
      const {index, state: end} = await syncFor(caller, LONGEST_BUILD_MS)
      if (end === 'interrupted' || index !== 'written') return {hits: [], total: 0}
    } catch (error) {
      if (caller.stop.aborted) throw error
      return readAll(messageOf(error), query, caller)
    }
  }
}

async function ask(db: Database, query: Query, {config, note}: Caller): Promise<Hits> {
  const {env} = ioOf(config)
  // What was said just now.
  if (existsSync(pendingFile(env))) {
    const {indexPending} = await import('./pending.js')
    await indexPending(db, env).catch((error: unknown) =>
      note(`What was said since the last search is not found: ${messageOf(error)}`),
    )
  }

  const unread = db.prepare("select value from meta where key = 'unread'").get() as
    {value: string} | undefined
  if (unread?.value) note(unread.value)
  return findHits(db, query)
}

/** Where there can be no index. */
async function readAll(why: string, query: Query, {config, note, stop}: Caller): Promise<Hits> {
  note(`All conversations were read, which takes long: ${why}`)
  const {scan} = await import('./scan.js')
  const {historyContext} = await import('../transcript/read-turns.js')
  const unread = new Set<string>()
  const context = {...(await historyContext(config)), notice: (message: string) => void unread.add(message)}
  const found = await scan(query, context, stop)
  for (const sentence of unread) note(sentence)
  return found
}

/** Ids of the sessions that have all these tags. */
async function sessionsWith(tags: readonly string[], {config}: Caller): Promise<string[]> {
  const {SessionStore} = await import('clinvk-plugin-sessions/store/store')
  const entries = [...new SessionStore(ioOf(config).env).entries()]
  return entries.filter((entry) => tags.every((tag) => entry.tags?.includes(tag))).map(({id}) => id)
}

/** Throws a Failure where one is empty. */
function wordsOf(given: readonly string[]): string[] {
  if (given.length > 0 && given.every((words) => words.trim() !== ''))
    return given.flatMap((words) => words.trim().split(/\s+/))
  throw new Failure('usage', 'A word to look for is empty.', ['Try: clinvk search "race in the lock"'])
}

/** More messages than there can be. */
const MANY = 2 ** 31 - 1
const HOW_TO_GET_IT = 'Node 22.13 and later have it; for Node 20, install clinvk with its optional packages.'
const LONGEST_BUILD_MS = 600_000
