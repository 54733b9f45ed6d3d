import assert from 'node:assert/strict'
import {execFileSync} from 'node:child_process'
import {mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {messageOf, reasonOf} from 'clinvk-kit/errors/failure'
import {readText} from 'clinvk-kit/files/read-file'
import {makeDirectory} from 'clinvk-kit/files/replace-file'
import {ProcessIO} from 'clinvk-kit/io'

describe('reading and making files', () => {
  const directory = mkdtempSync(join(tmpdir(), 'clinvk-files-'))
  const path = join(directory, 'file')
  afterEach(() => rmSync(path, {force: true}))
  after(() => rmSync(directory, {recursive: true}))

  const KINDS: [kind: string, make: () => void, says: RegExp][] = [
    ['a FIFO', () => execFileSync('mkfifo', [path]), /it is not a file/],
    ['a link to an endless device', () => symlinkSync('/dev/zero', path), /it is not a file/],
    ['a directory', () => symlinkSync('/', path), /it is not a file/],
    [
      'a huge file',
      () => {
        writeFileSync(path, '')
        truncateSync(path, 4e9)
      },
      /it has 4000000000 bytes/,
    ],
  ]
  it('an error of the system says its reason in words, and the file where the message does not name it', () => {
    const failed = (action: () => unknown) => {
      try {
        action()
      } catch (error) {
        return [messageOf(error), reasonOf(error)]
      }
      return undefined
    }
    const missing = 'no such file or directory (ENOENT)'
    assert.deepEqual(
      failed(() => writeFileSync(join(path, 'x'), '')),
      [`${missing}: ${join(path, 'x')}`, missing],
    )
    const other = Object.assign(new Error('spawn claude ENOENT'), {
      code: 'ENOENT',
      syscall: 'spawn',
      path: 'claude',
    })
    assert.deepEqual(
      [messageOf(other), messageOf('text'), messageOf(undefined)],
      [other.message, 'text', 'undefined'],
    )
  })

  for (const [kind, make, says] of KINDS) {
    it(`${kind} is an error at once, not endless reading`, () => {
      make()
      assert.throws(() => readText(path), says)
    })
  }

  it('a byte order mark is no part of the text', () => {
    writeFileSync(path, '\uFEFF{}')
    assert.equal(readText(path), '{}')
  })

  it('a directory that the system cannot make is an error, also below /proc', () => {
    assert.throws(() => makeDirectory('/proc/nope/home'), /ENOENT|EROFS|ENOTSUP|EACCES/)
    writeFileSync(path, '')
    assert.throws(() => makeDirectory(join(path, 'home')), /ENOTDIR|EEXIST/)
  })

  it('a current directory whose name is not UTF-8 is one sentence', () => {
    const cwd = process.cwd.bind(process)
    process.cwd = () => join(directory, 'caf\uFFFD')
    try {
      assert.throws(() => new ProcessIO().cwd, /The current directory has a name that is not UTF-8/)
    } finally {
      process.cwd = cwd
    }
  })
})
