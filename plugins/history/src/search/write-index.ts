import type {Message, TranscriptTurn} from '../transcript/message.js'
import type {Database, Statement, Value} from './database.js'
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

/**
 * Writes conversations to the index: begins a transaction, which `commit` ends. One process at a time may write. Each call
 * of SQLite costs more than what it does, so messages are inserted several at once, and their words many at once.
 */
export class IndexWriter {
  readonly #statements: Readonly<Record<keyof typeof SQL, Statement>>
  /** By the number of messages that they insert. */
  readonly #inserts: Statement[] = []
  /** Values of messages that are to be inserted. */
  #waiting: Value[] = []
  /** Id of the last message. */
  #last: number
  /** Id of the last message whose words are in the index. */
  #found: number

  constructor(readonly db: Database) {
    const entries = Object.entries(SQL).map(([name, sql]) => [name, db.prepare(sql)])
    this.#statements = Object.fromEntries(entries) as Record<keyof typeof SQL, Statement>
    db.exec('begin')
    this.#last = this.#found = (this.#statements.lastMessage.get() as {id: number}).id
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
    this.#insertAll()
  }

  #insert(conversation: number, turn: number, {at, column, role, text}: Words): number {
    const id = ++this.#last
    this.#waiting.push(id, conversation, turn, column === 'result' ? column : role, at, text)
    if (this.#waiting.length === TOGETHER * VALUES) this.#insertAll()
    const words = indexed(text)
    if (words !== text) this.#statements[column].run(id, words)
    if (id - this.#found === MOST_TO_FIND) this.#findAll()
    return id
  }

  #insertAll(): void {
    const count = this.#waiting.length / VALUES
    if (count === 0) return
    this.#inserts[count] ??= this.db.prepare(insertMessages(count))
    this.#inserts[count].run(...this.#waiting)
    this.#waiting = []
  }

  /** Makes all messages found. */
  #findAll(): void {
    this.#insertAll()
    if (this.#last > this.#found) this.#statements.insertWords.run(this.#found)
    this.#found = this.#last
  }

  /** The id of a conversation, whose messages are kept or not; undefined ones of `about` stay as they are. */
  put(
    {key, ...about}: IndexedConversation,
    {updated, isNew}: {updated?: number; isNew?: boolean} = {},
  ): number {
    if (isNew) this.remove(key)
    const {backend, directory, native, own, session, title} = about
    const values = [native, session, directory, title, updated, own].map((value) => value ?? null)
    return (this.#statements.putConversation.get(key, backend, ...values) as {id: number}).id
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
    this.#insertAll()
    deleteWords.run(found.id)
    deleteMessages.run(found.id)
    deleteConversation.run(found.id)
  }

  /** Makes what was written visible to others, and goes on. */
  commit(): void {
    this.#findAll()
    this.db.exec('commit; begin')
  }

  end(): void {
    this.#findAll()
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
  putConversation: `insert into conversation(key, backend, native, session, directory, title, updated, own)
    values (?, ?, ?, ?, ?, ?, ?, ?) on conflict(key) do update set
    native = coalesce(excluded.native, native), session = coalesce(excluded.session, session),
    directory = coalesce(excluded.directory, directory), title = coalesce(excluded.title, title),
    updated = coalesce(excluded.updated, updated), own = coalesce(excluded.own, own) returning id`,
  findLabel: `select message.id, text, at from conversation join message on message.id = conversation.label
    where conversation.id = ?`,
  setLabel: 'update conversation set label = ? where id = ?',
  deleteMessage: 'delete from message where id = ?',
  deleteMessageWords: 'delete from message_words where rowid = ?',
  deleteConversation: 'delete from conversation where id = ?',
  deleteMessages: 'delete from message where conversation = ?',
  deleteWords: 'delete from message_words where rowid in (select id from message where conversation = ?)',
  lastMessage: 'select coalesce(max(id), 0) as id from message',
  // In one statement, and with nothing to bind: half of the time.
  insertWords: `insert into message_words(rowid, prompt, answer, tool, result)
    select id, iif(role in ('user', 'title'), text, null), iif(role = 'assistant', text, null),
    iif(role = 'tool', text, null), iif(role = 'result', text, null)
    from message where id > ? and not exists (select 1 from message_words_docsize as known where known.id = message.id)`,
  // Of messages whose words are not those of the text. One for each column: to bind what is empty costs as much as to
  // bind a text.
  prompt: 'insert into message_words(rowid, prompt) values (?, ?)',
  answer: 'insert into message_words(rowid, answer) values (?, ?)',
  tool: 'insert into message_words(rowid, tool) values (?, ?)',
  result: 'insert into message_words(rowid, result) values (?, ?)',
} as const

/** With `or fail`, since what can be undone makes FTS5 write all that it has in memory first. */
function insertMessages(count: number): string {
  const rows = Array<string>(count).fill('(?, ?, ?, ?, ?, ?)').join()
  return `insert or fail into message(id, conversation, turn, role, at, text) values ${rows}`
}

/** Of a message that is inserted. */
const VALUES = 6
const TOGETHER = 8
const MOST_TO_FIND = 40_000
