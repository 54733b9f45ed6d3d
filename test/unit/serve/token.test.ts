import assert from 'node:assert/strict'
import {chmodSync, mkdtempSync, rmSync, statSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {serveSettings} from '../../../plugins/serve/src/core/settings.js'
import {tokenOf} from '../../../plugins/serve/src/core/token.js'

describe('token of the server', () => {
  let home: string
  beforeEach(() => (home = mkdtempSync(join(tmpdir(), 'clinvk-token-'))))
  afterEach(() => rmSync(home, {recursive: true}))

  it('is made once, for the user alone, and kept', () => {
    const made = tokenOf({env: {}, home})
    assert.match(made.text, /^[\w-]{43}$/)
    assert.equal(statSync(made.source).mode & 0o777, 0o600)
    assert.deepEqual(tokenOf({env: {}, home}), made)
  })

  it('is that of a variable, and of a file before that', () => {
    const env = {CLINVK_SERVE_TOKEN: 'a-token-of-sixteen-characters'}
    assert.equal(tokenOf({env, home}).source, 'CLINVK_SERVE_TOKEN')
    const file = join(home, 'mine')
    writeFileSync(file, 'another-token-in-a-file\n', {mode: 0o600})
    assert.equal(tokenOf({env, home, file}).text, 'another-token-in-a-file')
  })

  for (const [title, prepare, message] of [
    ['others can read', (file: string) => chmodSync(file, 0o644), /Others can read the token/],
    ['is empty', (file: string) => writeFileSync(file, ''), /too short/],
    ['is short', (file: string) => writeFileSync(file, 'secret'), /too short/],
    ['does not exist', (file: string) => rmSync(file), /cannot be read/],
  ] as const) {
    it(`is refused with exit code 5 where the file ${title}, with what to do`, () => {
      const file = join(home, 'mine')
      writeFileSync(file, 'another-token-in-a-file\n', {mode: 0o600})
      prepare(file)
      assert.throws(
        () => tokenOf({env: {}, home, file}),
        (error: {kind: string; message: string; hints: string[]}) => {
          assert.equal(error.kind, 'server')
          assert.match(error.message, message)
          assert.ok(error.hints.length > 0)
          assert.ok(!error.message.includes('another-token'))
          return true
        },
      )
    })
  }
})

describe('settings of the server', () => {
  it('take files of clinvoker, and say what has no effect', () => {
    const notes: string[] = []
    const section = {
      port: 9000,
      rate_limit_enabled: true,
      allowed_workdir_prefixes: ['/srv'],
      request_timeout_secs: 60,
      cors_allowed_origins: ['http://localhost:*', 'https://a.example'],
    }
    const settings = serveSettings(section, (note) => notes.push(note))
    assert.deepEqual(
      [settings.port, settings.directories, settings.turn_timeout, settings.allowed_origins],
      [9000, ['/srv'], 60_000, ['https://a.example']],
    )
    assert.match(notes.join(), /rate_limit_enabled has no effect[^]*localhost:\*/)
  })

  it('name what is wrong', () => {
    assert.throws(() => serveSettings({sandbax: 'full'}), {
      kind: 'config',
      message: /there is no setting sandbax/,
    })
    assert.throws(() => serveSettings({port: 99_999}), {kind: 'config', message: /port/})
  })
})
