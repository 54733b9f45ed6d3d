import type {SearchQuery} from 'clinvk-kit/for-plugins/history'
import type {Database, Value} from './database.js'
import {phrase} from './words.js'

/** What is looked for: words, not empty, in a directory given by its real path. */
export interface Query extends Omit<SearchQuery, 'tags'> {
  /** Ids of sessions: only those. */
  readonly sessions?: readonly string[]
  /** At least 1. */
  readonly limit: number
}

export interface Hit {
  /** The id of the session, else of the conversation: as short as it can be, at least 8 characters. */
  readonly id: string
  readonly session?: string
  readonly backend: string
  readonly native?: string
  readonly directory?: string
  readonly title?: string
  /** 0 where it is the name or title that the conversation was given. */
  readonly turn: number
  readonly role: 'user' | 'assistant' | 'tool' | 'title'
  /** Milliseconds since 1970; 0 where it is unknown. */
  readonly at: number
  /** Of the message. */
  readonly text: string
}

export interface Hits {
  /** The best first. */
  readonly hits: readonly Hit[]
  /** How many there are without the limit; 3001: more than 3000. */
  readonly total: number
  /** Nothing has the words themselves: these have longer ones that begin so. */
  readonly isBeginning?: boolean
}

/**
 * Finds the messages that have all words: first conversations of which that is the id, then those that have them beside
 * each other, then the best. Where very many have them, the newest conversations come first.
 */
export function findHits(db: Database, query: Query): Hits {
  const ids = conversationsOf(db, query)
  const found = findMessages(db, query, false)
  const isBeginning = ids.length === 0 && found.total === 0
  const {rows, total} = isBeginning ? findMessages(db, query, true) : found
  const shown = [...new Set([...ids, ...rows])].slice(0, query.limit)
  const select = db.prepare(
    `select key, session, backend, native, directory, title, turn,
     iif(role = 'result', 'tool', role) as role, at, text
     from message join conversation on conversation.id = message.conversation where message.id = ?`,
  )
  const owner = db.prepare(
    `select session, title, (select max(turn) from message where conversation = conversation.id and at <= ?) as turn
     from conversation where key = ?`,
  )
  const shortest = shortener(db)
  const hits = shown.map((row) => {
    const {key, ...found} = withoutNulls(select.get(row)) as unknown as Hit & {readonly key: string}
    const owned = `${found.backend}/${found.native}`
    // What a sub-agent said in a thread of its own.
    const by = key === owned || key.startsWith('/') ? undefined : owner.get(found.at, owned)
    const hit = by ? {...found, ...withoutNulls(by)} : found
    return {...hit, id: shortest(hit.session ?? hit.native ?? '')}
  })
  return {
    hits,
    total: total + ids.filter((id) => !rows.includes(id)).length,
    isBeginning: isBeginning || undefined,
  }
}

/** Gives the shortest beginning of an id that no other session or conversation has. */
function shortener(db: Database): (id: string) => string {
  const known = new Map<string, string>()
  const count = db.prepare(
    `select count(distinct coalesce(session, native)) as total from conversation
     where session >= ?1 and session < ?2 or native >= ?1 and native < ?2`,
  )
  const isAlone = (start: string) => (count.get(start, `${start}\u{10FFFF}`) as {total: number}).total < 2
  return (id) => {
    if (known.has(id)) return known.get(id)!
    let length = SHORTEST_ID
    while (length < id.length && !isAlone(id.slice(0, length))) length++
    known.set(id, id.slice(0, length))
    return id.slice(0, length)
  }
}

/** The first messages of the conversations whose id is the one word, or begins like it. */
function conversationsOf(db: Database, query: Query): number[] {
  const [word = '', ...others] = query.words
  if (others.length > 0 || !/^[\w-]{6,}$/.test(word)) return []
  const {conditions, values} = filterOf(query)
  const end = `${word}\u{10FFFF}`
  const sql = `select coalesce(min(iif(message.id is label, null, message.id)), label) as id from conversation join message on message.conversation = conversation.id
    where (session >= ? and session < ? or native >= ? and native < ?) ${conditions}
    and (key like '/%' or key = backend || '/' || native)
    group by conversation.id order by updated desc limit ?`
  return idsOf(db.prepare(sql).all(word, end, word, end, ...values, query.limit))
}

function findMessages(db: Database, query: Query, isBeginning: boolean): {rows: number[]; total: number} {
  const {limit, words} = query
  const phrases = words.map((word) => phrase(word, isBeginning))
  // The index has no signs: they are looked for in the texts.
  const signs = words.filter((_, index) => phrases[index] === undefined)
  const match = phrases.filter((text) => text !== undefined)
  if (isBeginning && match.length === 0) return {rows: [], total: 0}
  const select = selector(db, query, signs)
  const all = match.join(' AND ')
  const total = select.count(all)
  const isMany = total > MANY
  const whole = match.length > 1 && signs.length === 0 ? phrase(words.join(' '), isBeginning) : undefined
  const first = whole === undefined ? [] : select.rows(whole, limit, isMany)
  const rows = first.length >= limit ? first : [...first, ...select.rows(all, limit, isMany)]
  return {rows: [...new Set(rows)].slice(0, limit), total}
}

/** Asks for the messages that match; without a match, for those that have the signs. */
function selector(db: Database, query: Query, signs: readonly string[]) {
  const {conditions, values} = filterOf(query)
  const roles = query.tool ? "role in ('tool', 'result')" : "role != 'result'"
  const isPlain = conditions === '' && signs.length === 0
  const joins = isPlain
    ? ''
    : `join message on message.id = message_words.rowid
       join conversation on conversation.id = message.conversation`
  const signed = signs.map(() => 'and instr(text, ?)').join(' ')
  const columns = query.tool ? '{tool result}' : '{prompt answer tool}'
  const from = (match: string) =>
    match === ''
      ? `from message join conversation on conversation.id = message.conversation where ${roles}`
      : `from message_words ${joins} where message_words match ?`
  const given = (match: string): Value[] => [
    ...(match === '' ? [] : [`${columns} : (${match})`]),
    ...signs,
    ...values,
  ]
  return {
    count(match: string): number {
      const sql = `select count(*) as total from (select 1 ${from(match)} ${signed} ${conditions} limit ?)`
      return (db.prepare(sql).get(...given(match), MANY + 1) as {total: number}).total
    },
    rows(match: string, limit: number, isMany: boolean): number[] {
      const id = match === '' ? 'message.id' : 'message_words.rowid'
      const order = match === '' || isMany ? `${id} desc` : 'rank'
      const sql = `select ${id} as id ${from(match)} ${signed} ${conditions} order by ${order} limit ?`
      return idsOf(db.prepare(sql).all(...given(match), limit))
    },
  }
}

function filterOf({backend, directory, sessions, since}: Query): {conditions: string; values: Value[]} {
  const filters: [sql: string, value: Value | undefined][] = [
    ['and backend = ?', backend],
    ['and directory = ?', directory],
    ['and at >= ?', since?.getTime()],
    ['and session in (select value from json_each(?))', sessions && JSON.stringify(sessions)],
  ]
  const set = filters.filter((filter): filter is [string, Value] => filter[1] !== undefined)
  return {conditions: set.map(([sql]) => sql).join(' '), values: set.map(([, value]) => value)}
}

function idsOf(rows: unknown[]): number[] {
  return (rows as {id: number}[]).map(({id}) => id)
}

function withoutNulls(row: unknown): Record<string, unknown> {
  return Object.fromEntries(Object.entries(row as object).filter(([, value]) => value !== null))
}

const SHORTEST_ID = 8
/** To count and rank more takes as long as all the rest. */
export const MANY = 3000
