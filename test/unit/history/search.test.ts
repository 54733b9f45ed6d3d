import assert from 'node:assert/strict'
import {existsSync, mkdtempSync, rmSync, statSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {sqliteDriver} from 'clinvk-plugin-history/search/database'
import {indexPath, newIndex, openIndex} from 'clinvk-plugin-history/search/index-file'
import {findHits, type Query} from 'clinvk-plugin-history/search/query'
import {marked, snippets, wordsMatcher} from 'clinvk-plugin-history/search/words'
import {IndexWriter} from 'clinvk-plugin-history/search/write-index'
import type {Message, TranscriptTurn} from 'clinvk-plugin-history/transcript/message'
import {fixture} from '../../support/sandbox.js'
import {each} from '../../support/sandbox.js'

type Said = readonly [who: 'user' | 'assistant' | 'tool' | 'result' | 'thought', text: string]

/** A conversation for each list; the last is the newest. */
const CONVERSATIONS: Readonly<Record<string, readonly Said[]>> = {
  'claude/759bf483-aaaa-4bbb-8ccc-000000000001': [
    ['user', 'where is the race in the lock?'],
    ['assistant', 'The lock of the store has a race. It is in sync_history, in a/b-c.ts.'],
    ['tool', 'grep -n "git push" run.sh\nsecond line'],
    ['result', 'run.sh:3: needle-in-output'],
    ['thought', 'unspoken'],
  ],
  'codex/759bf483-aaaa-4bbb-8ccc-000000000002': [
    ['user', 'lock the door, then race'],
    ['assistant', 'Crème brûlée für Zoë 🎉, and "quotes" -- or a*b'],
  ],
  'gemini/third': [
    ['user', '修复数据库中的错误API, 日本語のテスト'],
    ['assistant', '데이터베이스 오류를 고쳤습니다'],
    ['user', 'door door door door'],
  ],
}

const CASES = fixture('search.yaml') as {
  found: [title: string, words: string, found: string[], rest?: Omit<Query, 'since'> & {since?: string}][]
  marked: [title: string, text: string, words: string[], expected: string][]
}

describe('the search index', () => {
  const open = sqliteDriver()!
  let env: {CLINVK_HOME: string}

  beforeEach(() => {
    env = {CLINVK_HOME: mkdtempSync(join(tmpdir(), 'clinvk-test-'))}
    build(CONVERSATIONS)
  })
  afterEach(() => rmSync(env.CLINVK_HOME, {recursive: true}))

  const build = (conversations: typeof CONVERSATIONS) => {
    const {db, publish} = newIndex(env, open)
    const writer = new IndexWriter(db)
    for (const [index, [key, said]] of Object.entries(conversations).entries())
      put(writer, key, said, index + 1)
    writer.end()
    publish()
  }

  const put = (writer: IndexWriter, key: string, said: readonly Said[], minute = 1) => {
    const [backend = '', native = ''] = key.split('/')
    writer.add(
      writer.put({key, backend, native, directory: `/${backend}`}, {isNew: true, updated: minute}),
      turnOf(said, minute),
    )
  }

  const find = (words: string, rest: Partial<Query> = {}) => {
    const {db} = openIndex(env, open)
    try {
      return findHits(db!, {words: words.split(' '), limit: 20, ...rest})
    } finally {
      db!.close()
    }
  }

  for (const [title, words, found, {since, ...rest} = {}] of CASES.found) {
    it(`${title}: ${words.replace('\0', '\\0')}`, () => {
      const {hits, total} = find(words, {...rest, since: since === undefined ? since : new Date(since)})
      assert.deepEqual(
        hits.map(({text}, index) => (text.startsWith(found[index] ?? '\0') ? found[index] : text)),
        found,
      )
      assert.equal(total, found.length)
    })
  }

  it('tells how many there are without the limit, and shows those of the newest where very many match', () => {
    const {hits, total} = find('door', {limit: 1})
    assert.deepEqual([hits[0]?.text, total], ['door door door door', 2])
    build({
      'a/old': Array<Said>(3001).fill(['user', 'common']),
      'a/new': [['assistant', 'common, and much more of it']],
    })
    const many = find('common', {limit: 2})
    assert.deepEqual([many.hits[0]?.native, many.total], ['new', 3001])
  })

  it('names a conversation by as much of its id as is its own', () => {
    const ids = find('lock').hits.map(({id}) => id)
    assert.deepEqual(
      new Set(ids),
      new Set(['759bf483-aaaa-4bbb-8ccc-000000000001', '759bf483-aaaa-4bbb-8ccc-000000000002']),
    )
    assert.equal(find('修复').hits[0]?.id, 'third')
  })

  it('forgets what a conversation had when it is written anew, and is for its owner alone', () => {
    const {db} = openIndex(env, open)
    const writer = new IndexWriter(db!)
    put(writer, 'gemini/third', [['user', 'something else \0 behind']])
    writer.end()
    db!.close()
    assert.equal(find('数据库').total, 0)
    assert.equal(find('behind').total, 1)
    assert.equal(statSync(indexPath(env)).mode & 0o777, 0o600)
  })

  it('has what was replaced or removed before it was committed as it was at the end', () => {
    const {db} = openIndex(env, open)
    const writer = new IndexWriter(db!)
    for (const text of ['draft', 'draft 草稿', 'final 草稿']) {
      put(writer, 'claude/replaced', [['user', text]])
      const id = writer.put({key: 'claude/replaced', backend: 'claude'})
      writer.label(id, `name of ${text}`, 1)
      writer.label(id, `title of ${text}`, 1)
      put(writer, 'claude/removed', [['user', text]])
    }

    writer.remove('claude/removed')
    writer.end()
    db!.close()
    const found = ['draft', '草稿', 'final', 'name', 'title of'].map((words) =>
      each(find(words).hits, 'text').sort(),
    )
    const [text, title] = ['final 草稿', 'title of final 草稿']
    assert.deepEqual(found, [[], [text, title], [text, title], [], [title]])
  })

  it('is to be built anew where it is damaged or old, and left alone where a later version made it', () => {
    const state = () => openIndex(env, open).state
    const withVersion = (version: number) => {
      const db = open(indexPath(env))
      db.exec(`pragma user_version = ${version}`)
      db.close()
      return state()
    }
    assert.equal(state(), 'ready')
    assert.equal(withVersion(99), 'newer')
    assert.equal(withVersion(0), 'old')
    for (const content of ['', 'no database at all, '.repeat(100)]) {
      for (const suffix of ['', '-wal', '-shm'])
        if (existsSync(indexPath(env) + suffix)) rmSync(indexPath(env) + suffix)
      writeFileSync(indexPath(env), content)
      assert.equal(state(), 'old')
    }
  })
})

describe('a snippet', () => {
  const LONG = 'so much before it. '.repeat(20)
  for (const [title, text, words, expected] of CASES.marked) {
    it(title, () => {
      const found = marked(snippets(words)(text.replaceAll('LONG', LONG)), '[', ']')
      assert.equal(found.slice(0, expected.length), expected)
      assert.ok(found.length < 250)
    })
  }

  it('has a word exactly where a search without an index finds it', () => {
    assert.ok(wordsMatcher(['race', 'LOCK'])('a lock, a Race'))
    assert.ok(!wordsMatcher(['race', 'lock'])('a lock, races'))
  })
})

function turnOf(said: readonly Said[], minute: number): TranscriptTurn {
  const at = new Date(minute * 60_000).toISOString()
  const messages = said.map(([who, text], index): Message => {
    const details = {id: String(index), turn: 1, at, source: 'agent'} as const
    if (who === 'tool')
      return {...details, type: 'tool_call', role: 'assistant', call_id: '1', name: 'run', input: {text}}
    if (who === 'result')
      return {...details, type: 'tool_result', role: 'tool', call_id: '1', output: text, is_error: false}
    if (who === 'thought') return {...details, type: 'reasoning', role: 'assistant', text}
    return {...details, type: 'text', role: who, text}
  })
  return {number: 1, startedAt: at, endedAt: at, messages, calls: []}
}
