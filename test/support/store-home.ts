import assert from 'node:assert/strict'
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import type {SessionFile} from 'clinvk-plugin-sessions/store/session-file'
import {STATUSES, statusOf} from 'clinvk-plugin-sessions/store/status'
import {type SessionFilter, SORT_KEYS, type SortKey} from 'clinvk-plugin-sessions/store/index-entry'
import {SessionStore} from 'clinvk-plugin-sessions/store/store'

/** A home with sessions, and what the store must answer about them: found by reading every file. */
export class StoreHome {
  home!: string
  sessions!: string
  index!: string
  /** Of locks and of files that are being written. */
  work!: string
  indexFile!: string
  indexState!: string
  /** Ids of foreign files: no sessions of this version. */
  readonly foreign = new Set<string>()

  constructor() {
    this.setUp()
  }

  /** Gives each test of a suite such a home; with so many sessions, and an index of them. */
  forEachTest(count = 0): this {
    this.remove()
    beforeEach(() => {
      this.setUp()
      this.fill(count)
      if (count > 0) this.store().list()
    })
    afterEach(() => this.remove())
    return this
  }

  private setUp(): void {
    this.home = mkdtempSync(join(tmpdir(), 'clinvk-store-'))
    this.sessions = join(this.home, 'sessions')
    this.index = join(this.home, 'index')
    this.work = join(this.home, 'work')
    this.indexFile = join(this.index, 'sessions.jsonl')
    this.indexState = join(this.index, 'state.jsonl')
  }

  /** As a new process sees it. */
  store(): SessionStore {
    return new SessionStore({CLINVK_HOME: this.home})
  }

  /** So many sessions of some backends, directories, tags and states, the last one used last. */
  fill(count: number): SessionFile[] {
    const sessions = Array.from({length: count}, (_, number) => sampleSession(number))
    for (const session of sessions) this.put(session)
    return sessions
  }

  path(id: string): string {
    return join(this.sessions, `${id}.json`)
  }

  /** Writes a session as another program does, which knows nothing of an index. */
  put(session: SessionFile): void {
    mkdirSync(this.sessions, {recursive: true})
    const temporary = join(this.sessions, '.tmp-other')
    writeFileSync(temporary, JSON.stringify(session))
    renameSync(temporary, this.path(session.id))
  }

  /** Writes into the file as it lies there: that leaves no trace in the directory. */
  edit(id: string, change: (session: SessionFile) => void): void {
    const session = this.read(id)
    change(session)
    writeFileSync(this.path(id), JSON.stringify(session, undefined, 1))
  }

  read(id: string): SessionFile {
    return JSON.parse(readFileSync(this.path(id), 'utf8')) as SessionFile
  }

  /** The sessions as their files say, the last used first. */
  truth(): SessionFile[] {
    return readdirSync(this.sessions)
      .filter((name) => /^[0-9a-f]{16,32}\.json$/.test(name))
      .map((name) => name.slice(0, -'.json'.length))
      .filter((id) => !this.foreign.has(id))
      .map((id) => this.read(id))
      .sort(newestFirst)
  }

  /** Whatever a new process is asked first, it answers what the files say. */
  check(what = 'the store'): void {
    const truth = this.truth()
    this.checkNewest(what)
    assert.deepEqual(idsOf(this.store().list().sessions), idsOf(truth), `${what}: all`)
    this.#checkOrders(what, truth)
    this.#checkFilters(what, truth)
    this.#checkReferences(what, truth)
  }

  /** The part that a large store answers without looking at all files. */
  checkNewest(what: string, count = 20): void {
    const truth = this.truth()
    const {sessions, tokens, total} = this.store().list({}, {limit: count})
    assert.deepEqual(idsOf(sessions), idsOf(truth.slice(0, count)), `${what}: the newest`)
    assert.deepEqual({total, tokens}, {total: truth.length, tokens: sumOf(truth)}, `${what}: sums`)
  }

  #checkOrders(what: string, truth: readonly SessionFile[]): void {
    for (const sort of SORT_KEYS) {
      const key = ORDERS[sort]
      // Equal ones stay as they are: the last used first.
      const expected = truth.toSorted((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0))
      const {sessions} = this.store().list({}, {limit: 10, sort})
      assert.deepEqual(idsOf(sessions), idsOf(expected.slice(0, 10)), `${what}: by ${sort}`)
    }
  }

  #checkFilters(what: string, truth: readonly SessionFile[]): void {
    const middle = new Date(truth[Math.floor(truth.length / 2)]?.last_used ?? 0)
    const cases: [SessionFilter, (session: SessionFile) => boolean][] = [
      [{tags: ['bug']}, ({tags}) => tags?.includes('bug') === true],
      [{tags: ['bug', 'über']}, ({tags}) => tags?.includes('bug') === true && tags.includes('über')],
      [{resumable: true}, (session) => session.backend_session_id !== undefined],
      [{resumable: false, since: middle}, (session) => Date.parse(session.last_used) >= middle.getTime()],
      [{before: middle}, (session) => Date.parse(session.last_used) < middle.getTime()],
      [
        {backend: 'codex', directory: '/srv/two', resumable: true},
        (session) =>
          session.backend === 'codex' &&
          session.working_dir === '/srv/two' &&
          session.backend_session_id !== undefined,
      ],
    ]
    for (const backend of BACKENDS) cases.push([{backend}, (session) => session.backend === backend])
    for (const status of STATUSES) cases.push([{status}, (session) => statusOf(session) === status])
    for (const directory of DIRECTORIES)
      cases.push([{directory}, (session) => session.working_dir === directory])
    for (const [filter, fits] of cases) {
      const expected = truth.filter(fits)
      const asked = `${what}: ${JSON.stringify(filter)}`
      const {sessions, tokens, total} = this.store().list(filter, {limit: 5})
      assert.deepEqual(idsOf(sessions), idsOf(expected.slice(0, 5)), asked)
      assert.deepEqual({total, tokens}, {total: expected.length, tokens: sumOf(expected)}, `${asked}: sums`)
      assert.equal(this.store().newest(filter)?.id, expected[0]?.id, `${asked}: the newest`)
    }
  }

  #checkReferences(what: string, truth: readonly SessionFile[]): void {
    for (const session of [...truth.slice(0, 3), ...truth.slice(-3)]) {
      assert.deepEqual(this.store().get(session.id), session, `${what}: ${session.id}`)
      const prefix = session.id.slice(0, 5)
      assert.deepEqual(
        idsOf(this.store().startingWith(prefix)),
        idsOf(truth.filter(({id}) => id.startsWith(prefix))),
        `${what}: ${prefix}`,
      )
    }

    for (const {id, name} of truth.filter((session) => session.name !== undefined).slice(0, 5))
      assert.equal(this.store().named(name!)?.id, id, `${what}: ${name!}`)
    assert.equal(this.store().named('no such name'), undefined, what)
    assert.deepEqual(this.store().startingWith('fedcba98'), [], what)
  }

  /** Whether the index is current; otherwise it is not used. */
  isCurrent(): boolean {
    return readFileSync(this.indexState, 'utf8').includes(`"changed":"${this.changed()}"`)
  }

  /** The time of the directory of sessions, in nanoseconds. */
  changed(): bigint {
    return statSync(this.sessions, {bigint: true}).mtimeNs
  }

  /** Gives it a time that it had before. */
  setChanged(time: bigint): void {
    // A number of seconds has not quite the microseconds' precision, and is cut off.
    for (let more = 0; more < 8 && this.changed() !== time; more++) {
      const seconds = Number(time) / 1e9 + more * 2e-7
      utimesSync(this.sessions, seconds, seconds)
    }

    assert.equal(this.changed(), time)
  }

  /** Names, contents and kinds of everything but the index and what is in work. */
  contents(): Record<string, string> {
    const names = readdirSync(this.home, {recursive: true}).map(String)
    return Object.fromEntries(
      names
        .filter((name) => !/^(index|work)/.test(name))
        .sort()
        .map((name) => {
          const path = join(this.home, name)
          const stats = lstatSync(path)
          if (!stats.isFile()) return [name, stats.isDirectory() ? 'directory' : readlinkSync(path)]
          return [name, readFileSync(path, 'latin1')]
        }),
    )
  }

  remove(): void {
    rmSync(this.home, {recursive: true, force: true})
  }
}

/** A session with this number: its id, its time, and whatever else differs from one to the next. */
export function sampleSession(number: number, fields: Partial<SessionFile> = {}): SessionFile {
  const used = new Date(Date.UTC(2026, 0, 1) + number * 60_000)
  return {
    id: idOf(number),
    backend: BACKENDS[number % 3]!,
    created_at: new Date(used.getTime() - ((number * 7) % 1000) * 60_000).toISOString(),
    last_used: used.toISOString(),
    working_dir: DIRECTORIES[number % DIRECTORIES.length]!,
    ...(number % 5 === 0 ? {} : {backend_session_id: `agent-${number}`}),
    turn_count: 1 + (number % 4),
    token_usage: {input_tokens: number, output_tokens: 2 * number, cached_tokens: 1},
    ...(number % 6 === 0 ? {tags: ['bug', ...(number % 12 === 0 ? ['über'] : [])]} : {}),
    ...(number % 8 === 0 ? {name: `name-${number}`} : {}),
    ...(number % 9 === 0 ? {closed_at: used.toISOString()} : {}),
    last_outcome: number % 7 === 0 ? 'failed' : number % 11 === 0 ? 'timeout' : 'success',
    ...fields,
  }
}

/** So many sessions that the store keeps an index. */
export const LARGE = 260

/** Looks like a random one, and is always the same. */
export function idOf(number: number): string {
  const digits = (number * 2_654_435_761) % 2 ** 32
  return digits.toString(16).padStart(8, '0') + number.toString(16).padStart(24, '0')
}

export function idsOf(sessions: readonly SessionFile[]): string[] {
  return sessions.map(({id}) => id)
}

const BACKENDS = ['claude', 'codex', 'gemini', 'never used']
const DIRECTORIES = ['/srv/one', '/srv/two', '/srv/dos "quoted"', '/srv/größe', '/srv/never used']

function newestFirst(a: SessionFile, b: SessionFile): number {
  return Date.parse(b.last_used) - Date.parse(a.last_used) || (a.id < b.id ? -1 : 1)
}

function sumOf(sessions: readonly SessionFile[]): number[] {
  return FIELDS.map((field) => sessions.reduce((sum, {token_usage: usage}) => sum + (usage?.[field] ?? 0), 0))
}

const FIELDS = ['input_tokens', 'output_tokens', 'cached_tokens', 'reasoning_tokens'] as const
const ORDERS: Record<SortKey, (session: SessionFile) => number | string> = {
  used: ({last_used: used}) => -Date.parse(used),
  created: ({created_at: created}) => -Date.parse(created),
  tokens: ({token_usage: usage}) => -(usage?.input_tokens ?? 0) - (usage?.output_tokens ?? 0),
  backend: ({backend}) => backend,
}
