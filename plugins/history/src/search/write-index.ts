import type {Message, TranscriptTurn} from '../transcript/message.js'
import type {Database, Statement} from './database.js'
import {indexed} from './words.js'

/** What the index has of a conversation as a whole. */
export interface IndexedConversation {
  readonly key: string
  readonly backend: string
  /** The agent's own id. */
  readonly native?: string
  readonly session?: string
  /** A real path. */
  readonly directory?: string
  readonly title?: string
  /** Of clinvk's own transcript, as far as it is indexed. */
  readonly own?: string
}

/** Writes conversations to the index: begins a transaction, which `commit` ends. One process at a time may write. */
export class IndexWriter {
  readonly #statements: Readonly<Record<keyof typeof SQL, Statement>>

  constructor(readonly db: Database) {
    const entries = Object.entries(SQL).map(([name, sql]) => [name, db.prepare(sql)])
    this.#statements = Object.fromEntries(entries) as Record<keyof typeof SQL, Statement>
    db.exec('begin')
  }

  /** Adds a turn to a conversation of which `put` has given the id. */
  add(id: number, turn: TranscriptTurn): void {
    for (const message of turn.messages) {
      const found = wordsOf(message, turn)
      if (found) this.#insert(id, turn.number, found)
    }
  }

  /** Makes a conversation found by the name or title that it was given; without one, no longer. `at`: milliseconds since 1970. */
  label(id: number, label: string | undefined, at: number): void {
    const {deleteMessage, deleteMessageWords, findLabel, setLabel} = this.#statements
    const words = labelWords(label, at)
    const found = findLabel.get(id) as {id: number; text: string; at: number} | undefined
    if (found?.text === words?.text && found?.at === words?.at) return
    if (found) {
      deleteMessageWords.run(found.id)
      deleteMessage.run(found.id)
    }
    setLabel.run(words ? this.#insert(id, 0, words) : null, id)
  }

  #insert(id: number, turn: number, {at, column, role, text}: Words): number {
    const {insertMessage} = this.#statements
    const row = Number(insertMessage.run(id, turn, role, at, text).lastInsertRowid)
    this.#statements[column].run(row, indexed(text))
    return row
  }

  /** The id of a conversation, whose messages are kept or not; undefined ones of `about` stay as they are. */
  put(
    {key, ...about}: IndexedConversation,
    {updated, isNew}: {updated?: number; isNew?: boolean} = {},
  ): number {
    const {findConversation, insertConversation, updateConversation} = this.#statements
    if (isNew) this.remove(key)
    const {backend, directory, native, own, session, title} = about
    const values = [native, session, directory, title, updated, own].map((value) => value ?? null)
    const found = findConversation.get(key) as {id: number} | undefined
    if (!found) return Number(insertConversation.run(key, backend, ...values).lastInsertRowid)
    updateConversation.run(...values, found.id)
    return found.id
  }

  /** What is known of a conversation: the time of its last message, and how much of clinvk's own transcript it has. */
  find(
    key: string,
  ): {readonly id: number; readonly updated: number | null; readonly own: string | null} | undefined {
    return this.#statements.findConversation.get(key) as ReturnType<IndexWriter['find']>
  }

  /** The key under which a session is known. */
  keyOf(session: string): string | undefined {
    return (this.#statements.findSession.get(session) as {key: string} | undefined)?.key
  }

  /** The same, and those of the sub-agents that have threads of their own. */
  keysOf(session: string): string[] {
    return (this.#statements.findFamily.all(session) as {key: string}[]).map(({key}) => key)
  }

  /** Writes down what searches read of the index as a whole. */
  setMeta(key: string, value: string): void {
    const {findMeta, putMeta} = this.#statements
    if ((findMeta.get(key) as {value: string} | undefined)?.value !== value) putMeta.run(key, value)
  }

  remove(key: string): void {
    const {deleteConversation, deleteMessages, deleteWords} = this.#statements
    const found = this.find(key)
    if (!found) return
    deleteWords.run(found.id)
    deleteMessages.run(found.id)
    deleteConversation.run(found.id)
  }

  /** Makes what was written visible to others, and goes on. */
  commit(): void {
    this.db.exec('commit; begin')
  }

  end(): void {
    this.db.exec('commit')
  }
}

export interface Words {
  readonly column: 'prompt' | 'answer' | 'tool' | 'result'
  readonly role: 'user' | 'assistant' | 'tool' | 'title'
  /** Milliseconds since 1970; 0 where it is unknown. */
  readonly at: number
  readonly text: string
}

/** What of a message is found, and as what. Reasoning is not: it buries the answers. */
export function wordsOf(message: Message, turn: Pick<TranscriptTurn, 'startedAt'>): Words | undefined {
  const at = Date.parse(message.at) || Date.parse(turn.startedAt) || 0
  switch (message.type) {
    case 'text':
      return message.role === 'user'
        ? kept('prompt', 'user', message.text, at)
        : kept('answer', 'assistant', message.text, at)
    case 'tool_call':
      return kept(
        'tool',
        'tool',
        `${message.name} ${message.target ?? firstLine(message.input)}`,
        at,
        LONGEST_TOOL,
      )
    case 'tool_result':
      return kept('result', 'tool', message.output, at, LONGEST_RESULT)
    case 'reasoning':
      return undefined
  }
}

/** The same of the name or title of a conversation. `at`: of its last message. */
export function labelWords(label: string | undefined, at: number): Words | undefined {
  return label === undefined ? undefined : kept('prompt', 'title', label, at)
}

function kept(
  column: Words['column'],
  role: Words['role'],
  text: string,
  at: number,
  most = LONGEST_TEXT,
): Words | undefined {
  // SQLite ends a text there.
  const cut = text.slice(0, most).replaceAll('\0', ' ').trim()
  return cut === '' ? undefined : {column, role, at, text: cut}
}

/** Of what a tool was given: of its first text. */
function firstLine(input: unknown): string {
  const values = typeof input === 'object' && input !== null ? Object.values(input) : [input]
  const text = values.find((value) => typeof value === 'string') ?? ''
  return text.trim().split('\n', 1)[0]!
}

/** Characters. */
const LONGEST_TEXT = 100_000
const LONGEST_TOOL = 400
const LONGEST_RESULT = 200

const SQL = {
  findSession: 'select key from conversation where session = ?',
  findFamily: `select key from conversation where session = ?1
    or native in (select native from conversation where session = ?1)`,
  findMeta: 'select value from meta where key = ?',
  putMeta: 'insert or replace into meta values (?, ?)',
  findConversation: 'select id, updated, own from conversation where key = ?',
  insertConversation:
    'insert into conversation(key, backend, native, session, directory, title, updated, own) values (?, ?, ?, ?, ?, ?, ?, ?)',
  updateConversation: `update conversation set native = coalesce(?, native), session = coalesce(?, session),
    directory = coalesce(?, directory), title = coalesce(?, title), updated = coalesce(?, updated),
    own = coalesce(?, own) where id = ?`,
  findLabel: `select message.id, text, at from conversation join message on message.id = conversation.label
    where conversation.id = ?`,
  setLabel: 'update conversation set label = ? where id = ?',
  deleteMessage: 'delete from message where id = ?',
  deleteMessageWords: 'delete from message_words where rowid = ?',
  deleteConversation: 'delete from conversation where id = ?',
  deleteMessages: 'delete from message where conversation = ?',
  deleteWords: 'delete from message_words where rowid in (select id from message where conversation = ?)',
  insertMessage: 'insert into message(conversation, turn, role, at, text) values (?, ?, ?, ?, ?)',
  // One for each column: to bind what is empty costs as much as to bind a text.
  prompt: 'insert into message_words(rowid, prompt) values (?, ?)',
  answer: 'insert into message_words(rowid, answer) values (?, ?)',
  tool: 'insert into message_words(rowid, tool) values (?, ?)',
  result: 'insert into message_words(rowid, result) values (?, ?)',
} as const
