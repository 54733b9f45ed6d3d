import assert from 'node:assert/strict'
import {execFileSync} from 'node:child_process'
import {closeSync, ftruncateSync, openSync, symlinkSync} from 'node:fs'
import {join} from 'node:path'
import zlib from 'node:zlib'
import {readLines} from 'clinvk-kit/files/read-lines'
import {Sandbox} from '../../support/sandbox.js'

describe('lines of a file', () => {
  const user = new Sandbox().forEachTest()
  const read = async (content: string | Buffer) => all(user.write('record', content))
  const all = async (path: string) => {
    const found: string[] = []
    for await (const line of readLines(path)) found.push(line)
    return found
  }

  // Node 20 cannot make them: `a` and `b`, each a line, and 30,000 lines of 99 letters.
  const zstd = Buffer.from('KLUv/QBYIQAAYQpiCg==', 'base64')
  const longZstd = Buffer.from(
    'KLUv/QRobAAAEHgKAgCZ/2fI5SdwBVQAAAABAP3/u/+5BgJEAAAAAQD9/zkAAkQAAAABAP3/OQACRAAAAAEA/f85AAJEAAAAAQD9/zkAAkQAAAABAP3/OQACRAAAAAEA/f85AAJEAAAAAQD9/zkAAkQAAAABAP3/OQACRAAAAAEA/f85AAJEAAAAAQD9/zkAAkQAAAABAP3/OQACRAAAAAEA/f85AAJEAAAAAQD9/zkAAkQAAAABAP3/OQACRAAAAAEA/f85AAJEAAAAAQD9/zkAAkQAAAABAP3/OQACRAAAAAEA/f85AAJEAAAAAQD9/zkAAkQAAAABAP3/OQACRQAAAAEAvcY5AAIrXLxS',
    'base64',
  )
  const gzip = (text: string) => zlib.gzipSync(text)
  const many = Array.from({length: 20_000}, (_none, index) => `{"line":${index}}`)
  const cases: Record<string, [content: string | Buffer, lines: string[]]> = {
    'is empty': ['', []],
    'is plain': ['a\n\nb\n', ['a', '', 'b']],
    'is torn': ['a\n{"b', ['a', '{"b']],
    'has one byte of a compressed one': [Buffer.of(0x1f), ['\u001F']],
    'was compressed by gzip': [gzip('a\nb\n'), ['a', 'b']],
    'was compressed by gzip in several parts, one after the other': [Buffer.concat([gzip('a\nb'), gzip('c\n'), gzip(''), gzip(many.join('\n'))]), ['a', 'bc', ...many]],
    'was compressed by zstd': [zstd, ['a', 'b']],
    'was compressed by zstd to a small part of its size': [longZstd, Array<string>(30_000).fill('x'.repeat(99))],
  } // prettier-ignore
  for (const [name, [content, lines]] of Object.entries(cases))
    it(`are read where it ${name}`, async () => assert.deepEqual(await read(content), lines))

  it('do not keep other work of the process waiting until all are read', async () => {
    let ran = 0
    const timer = setInterval(() => ran++, 1)
    await read('{"some":"line"}\n'.repeat(2_000_000))
    clearInterval(timer)
    assert.ok(ran > 0)
  })

  it('have nothing of one that is longer than 32 MiB, and the next one is whole', async () => {
    const [long, next] = await read(`${'x'.repeat(40_000_000)}\nnext\n`)
    assert.deepEqual([long?.length, next], [0, 'next'])
  })

  it('are read from a file that is larger than any text can be', async () => {
    const path = user.write('record', 'a\n')
    const file = openSync(path, 'r+')
    ftruncateSync(file, 600_000_000)
    closeSync(file)
    const found = await all(path)
    assert.deepEqual([found.length, found[0], found[1]?.length], [2, 'a', 0])
  })

  it('are those before the damage where a compressed file is damaged, then an error', async () => {
    const whole = zlib.gzipSync(many.join('\n'), {level: 0})
    const found: string[] = []
    const reading = async () => {
      for await (const line of readLines(user.write('record', whole.subarray(0, -50_000)))) found.push(line)
    }
    await assert.rejects(reading(), /unexpected end of file/)
    assert.ok(found.length > 1000)
    assert.deepEqual(found, many.slice(0, found.length))
  })

  it('are an error of what is no file, and can be left before the end', async () => {
    execFileSync('mkfifo', [join(user.home, 'fifo')])
    symlinkSync(user.home, join(user.home, 'link'))
    for (const name of ['none', 'fifo', 'link']) await assert.rejects(all(join(user.home, name)), name)
    for await (const line of readLines(user.write('record', gzip('a\nb')))) {
      assert.equal(line, 'a')
      break
    }
  })
})
