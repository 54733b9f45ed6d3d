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

  for (const [title, words, found, rest] of [
    [
      'has all words in a message, those beside each other first',
      'race in the lock',
      ['where is', 'The lock of'],
    ],
    ['prefers prompts to answers', 'lock race', ['lock the door', 'where is', 'The lock of']],
    ['ignores case and accents', 'creme BRULEE zoe', ['Crème']],
    ['finds names of code', 'sync_history', ['The lock of']],
    ['finds paths', 'a/b-c.ts', ['The lock of']],
    ['takes NUL for a blank', 'store\0has', ['The lock of']],
    ['finds what tools were asked', 'grep', ['run grep']],
    ['finds their answers only when asked for', 'needle-in-output', []],
    ['finds them then', 'needle-in-output', ['run.sh:3'], {isTool: true}],
    ['finds their signs only when asked for', ':', []],
    ['finds their signs then', ':', ['run.sh:3'], {isTool: true}],
    ['finds commands then, but nothing else', 'git push', ['run grep'], {isTool: true}],
    ['has the first line of a command only', 'second', []],
    ['has no thoughts', 'unspoken', []],
    ['finds Chinese within a text', '数据库', ['修复']],
    ['finds one character, at the end of a run, too', '误', ['修复']],
    ['finds Chinese beside Latin', '错误API', ['修复']],
    ['finds Japanese', 'テスト', ['修复']],
    ['finds Korean within words', '오류', ['데이터']],
    ['does not find a run of other characters', '据数', []],
    ['finds signs that are no words', '🎉', ['Crème']],
    ['finds -', '--', ['Crème']],
    ['finds "', '"quotes"', ['Crème']],
    ['takes * as a sign between words', 'a*b', ['Crème', 'The lock of']],
    ['takes : as it stands', 'prompt:lock', []],
    ['takes operators as words', 'NOT race', []],
    ['finds longer words where nothing has the word itself', 'brul', ['Crème']],
    ['finds a conversation by its id', '759bf483-aaaa-4bbb-8ccc-000000000002', ['lock the door']],
    ['finds conversations by the beginning of theirs', '759bf483', ['lock the door', 'where is']],
    ['keeps to a backend', 'lock', ['lock the door'], {backend: 'codex'}],
    ['keeps to a directory', 'lock', ['where is', 'The lock of'], {directory: '/claude'}],
    ['keeps to a time', 'lock', ['lock the door'], {since: new Date(120_000)}],
    ['keeps to sessions', 'lock', [], {sessions: ['none']}],
  ] as [string, string, string[], Partial<Query>?][]) {
    it(`${title}: ${words.replace('\0', '\\0')}`, () => {
      const {hits, total} = find(words, rest)
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
  for (const [title, text, words, expected] of [
    ['marks all words', 'The lock has a race', ['race', 'lock'], 'The [lock] has a [race]'],
    [
      'marks them as one where they stand together',
      'a race in the lock, the race',
      ['in', 'the'],
      'a race [in the] lock, the race',
    ],
    ['marks whole words', 'lockers lock', ['lock'], 'lockers [lock]'],
    ['marks whatever case and accents', 'CRÈME', ['creme'], '[CRÈME]'],
    ['marks what has other signs between', 'a/b_c.ts', ['a-b_c'], '[a/b_c].ts'],
    ['marks within Chinese', '修复数据库', ['数据'], '修复[数据]库'],
    ['marks signs', 'a 🎉 b', ['🎉'], 'a [🎉] b'],
    ['takes regular expressions as text', 'a (b', ['(b'], 'a ([b]'],
    [
      'is around the first word',
      `${LONG}the word${` and after`.repeat(40)}`,
      ['word'],
      '…it. so much before it. so much before it. the [word] and',
    ],
    [
      'has one line and nothing that a terminal obeys',
      'a\u001B[31m\n\tlock\u0007\u202E',
      ['lock'],
      'a [lock]',
    ],
  ] as [string, string, string[], string][]) {
    it(title, () => {
      const found = marked(snippets(words)(text), '[', ']')
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
