import {join} from 'node:path'
import {setFlagsFromString} from 'node:v8'
import {Failure, messageOf} from 'clinvk-kit/errors/failure'
import type {Env} from 'clinvk-kit/io'
import {LockFile} from 'clinvk-kit/process/lock-file'
import {sqliteDriver} from '../search/database.js'
import {newIndex, openIndex} from '../search/index-file.js'
import {IndexWriter} from '../search/write-index.js'
import {historyDirectory} from './places.js'

/** Why there is none: no SQLite, or one that a later version of clinvk has made. */
export type IndexStatus = 'written' | 'no SQLite' | 'newer'

export interface WrittenIndex {
  readonly status: IndexStatus
  readonly name?: string
  readonly writer?: IndexWriter
  /** Nobody sees it before the end. */
  readonly isNew?: boolean
  finish(): void
}

/** The index, or a new one where it is missing or damaged. */
export function openForWriting(env: Env): WrittenIndex {
  const open = sqliteDriver()
  if (!open) return {status: 'no SQLite', finish: () => undefined}
  return inIndex(() => {
    const found = openIndex(env, open)
    if (found.state === 'newer') return {status: 'newer', finish: () => undefined}
    const {db, name, publish} = found.db ? {...found, publish: undefined} : newIndex(env, open)
    // Reading all from nothing leaves much to collect. With a heap that grows slowly it takes half of the memory, and little
    // more time; `--optimize-for-size` takes a quarter more.
    if (publish) setFlagsFromString(SLOW_GROWTH)
    const writer = new IndexWriter(db!)
    const finish = () => {
      writer.end()
      if (!publish) return db!.close()
      publish()
      setFlagsFromString(USUAL_GROWTH)
    }
    return {status: 'written', name, writer, isNew: publish !== undefined, finish}
  })
}

const SLOW_GROWTH = '--semi-space-growth-factor=1 --heap-growing-percent=40'
/** Of V8: a server has other things to do. */
const USUAL_GROWTH = '--semi-space-growth-factor=2 --heap-growing-percent=0'

/** What goes wrong with the index is a Failure. */
export function inIndex<T>(action: () => T): T {
  try {
    return action()
  } catch (error) {
    throw new Failure('session', `The search index cannot be written: ${messageOf(error)}`, [], {
      cause: error,
    })
  }
}

/** Held by the one process that may change the index and the ledger. */
export function historyLock(env: Env, signal?: AbortSignal): LockFile {
  return new LockFile(join(historyDirectory(env), 'lock'), 'The history', 'session', signal)
}

/** A sentence that a search shows, too; '' where everything was read. */
export function unreadIn([first = '', ...others]: readonly string[]): string {
  return others.length === 0 ? first : `${first} (and ${others.length} more: clinvk history sync)`
}
