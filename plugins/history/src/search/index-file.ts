import {chmodSync, existsSync, renameSync, rmSync, writeFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {makeDirectory} from 'clinvk-kit/files/replace-file'
import {randomHex} from 'clinvk-kit/format/random-id'
import type {Env} from 'clinvk-kit/io'
import {historyDirectory} from '../sync/places.js'
import type {Database, OpenDatabase} from './database.js'

/** `old`: of an earlier version, or damaged; to be built anew. `newer`: of a later version of clinvk, not to be touched. */
export type IndexState = 'ready' | 'missing' | 'old' | 'newer'

export interface OpenedIndex {
  readonly state: IndexState
  /** Where it is ready. */
  readonly db?: Database
  /** Another one for each index that was built. */
  readonly name?: string
}

export function indexPath(env: Env): string {
  return join(historyDirectory(env), 'index.sqlite')
}

export function openIndex(env: Env, open: OpenDatabase): OpenedIndex {
  const path = indexPath(env)
  if (!existsSync(path)) return {state: 'missing'}
  let db: Database | undefined
  try {
    db = open(path)
    db.exec('pragma busy_timeout = 2000')
    const {user_version: version} = db.prepare('pragma user_version').get() as {user_version: number}
    if (version === VERSION) {
      const {value} = db.prepare("select value from meta where key = 'name'").get() as {value: string}
      return {state: 'ready', db, name: value}
    }

    db.close()
    return {state: version > VERSION ? 'newer' : 'old'}
  } catch (error) {
    db?.close()
    if (isDamage(error)) return {state: 'old'}
    throw error
  }
}

/** Whether an error of SQLite says that the file is not what it should be. */
export function isDamage(error: unknown): boolean {
  return /malformed|not a database|no such (table|column)|undefined/i.test(String(error))
}

/** A new index beside the old one, to be put in its place by `publish`. One process at a time may build. */
export function newIndex(env: Env, open: OpenDatabase): OpenedIndex & {db: Database; publish: () => void} {
  const path = indexPath(env)
  const temporary = unfinishedPath(env)
  makeDirectory(dirname(path))
  dropUnfinished(env)
  writeFileSync(temporary, '', {mode: 0o600})
  const db = open(temporary)
  const name = randomHex()
  // If this process dies, the file is thrown away: it needs no journal, and nothing has to reach the disk at once.
  db.exec(`pragma journal_mode = off; pragma synchronous = off; pragma cache_size = -4000; ${SCHEMA}`)
  // Few large parts instead of many small ones, which would be merged again and again: half of the time.
  db.exec(`${config('hashsize', 8_388_608)}; ${config('automerge', 0)}`)
  db.prepare("insert into meta values ('name', ?)").run(name)
  const publish = () => {
    db.exec(`${config('hashsize', 1_048_576)}; ${config('automerge', 4)}; pragma user_version = ${VERSION}`)
    db.close()
    for (const suffix of ['-wal', '-shm']) rmSync(path + suffix, {force: true})
    renameSync(temporary, path)
    // From now on there are readers while it is written.
    const published = open(path)
    published.exec('pragma journal_mode = wal')
    published.close()
    chmodSync(path, 0o600)
  }
  return {state: 'ready', db, name, publish}
}

/** Removes an index that was not published. */
export function dropUnfinished(env: Env): void {
  rmSync(unfinishedPath(env), {force: true})
}

function unfinishedPath(env: Env): string {
  return `${indexPath(env)}.new`
}

function config(name: string, value: number): string {
  return `insert into message_words(message_words, rank) values ('${name}', ${value})`
}

/** The words are kept apart from the texts, which makes half of the size, and lets Chinese be split into pairs. */
const SCHEMA = `
create table meta(key text primary key, value) without rowid;
create table conversation(
  id integer primary key, key text unique not null, backend text not null, native text, session text,
  directory text, title text, updated integer, own text, label integer);
create index conversation_native on conversation(native);
create index conversation_session on conversation(session);
create table message(
  id integer primary key, conversation integer not null, turn integer, role text, at integer, text text);
create index message_conversation on message(conversation);
create virtual table message_words using fts5(
  prompt, answer, tool, result, content = '', contentless_delete = 1,
  tokenize = "unicode61 remove_diacritics 2 tokenchars '_'");
insert into message_words(message_words, rank) values ('rank', 'bm25(4.0, 2.0, 1.0, 0.5)');`

const VERSION = 3
