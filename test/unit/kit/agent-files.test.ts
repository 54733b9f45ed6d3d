import assert from 'node:assert/strict'
import fs, {existsSync, readFileSync, statSync, symlinkSync, utimesSync} from 'node:fs'
import {syncBuiltinESMExports} from 'node:module'
import {dirname, join} from 'node:path'
import {setTimeout as wait} from 'node:timers/promises'
import {agentFiles, readableFiles} from 'clinvk-kit/turn/agent-files'
import {agentVersionNotice} from 'clinvk-kit/turn/agent-version'
import {removeLeftovers} from 'clinvk-kit/turn/run-turn'
import {Sandbox} from '../../support/sandbox.js'

describe("an agent's own files", () => {
  const user = new Sandbox().forEachTest()
  let home: string
  let inside: string
  let outside: string
  beforeEach(() => {
    home = user.home
    inside = make('.agent/deep/a.json')
    outside = make('secret')
  })
  const make = (name: string) => user.write(name, name)
  const files = (declared: string[], env: Record<string, string> = {}) =>
    agentFiles(declared, {HOME: home, ...env})

  it('are listed, read and removed below the declared directories', async () => {
    const found = files(['~/.agent', '~/.agent'])
    assert.deepEqual(await found.list(), [inside])
    assert.deepEqual(await found.list('deep/a.json'), [inside])
    assert.equal(await found.read(inside), '.agent/deep/a.json')
    await found.remove(inside)
    await found.remove(inside)
    assert.equal(existsSync(inside), false)
    await found.remove(dirname(inside))
    assert.equal(existsSync(dirname(inside)), false)
    assert.deepEqual(await found.list(), [])
  })

  it('are copied to new files that nobody else may read, over nothing and through no link', async () => {
    const found = files(['~/.agent'])
    const copy = join(home, '.agent/other/deep/copy')
    await found.copy(inside, copy)
    assert.equal(readFileSync(copy, 'utf8'), '.agent/deep/a.json')
    assert.deepEqual(
      [copy, dirname(copy)].map((path) => statSync(path).mode & 0o777),
      [0o600, 0o700],
    )
    symlinkSync(join(home, 'new'), join(home, '.agent/link'))
    for (const taken of [copy, join(home, '.agent/link')])
      await assert.rejects(found.copy(inside, taken), /EEXIST/)
    assert.equal(existsSync(join(home, 'new')), false)
  })

  it('are read line by line, and their size and time told; a declared file, too, but not removed', async () => {
    const settings = make('.agent-settings.json')
    const found = files(['~/.agent', '~/.agent-settings.json'])
    utimesSync(inside, 1_000_000, 1_000_000)
    assert.deepEqual(await found.stat(inside), {size: 18, changedAt: 1_000_000_000})
    for (const none of [dirname(inside), join(home, '.agent/none')])
      assert.equal(await found.stat(none), undefined)
    for (const path of [inside, settings]) {
      const lines: string[] = []
      for await (const line of found.lines(path)) lines.push(line)
      assert.deepEqual(lines, [await found.read(path)])
    }

    await assert.rejects(async () => found.remove(settings), /lies outside/)
    for (const path of [outside, '/etc/passwd', join(home, '.agent/../secret')]) {
      await assert.rejects(found.stat(path), /lies outside/)
      await assert.rejects(async () => found.lines(path)[Symbol.asyncIterator]().next(), /lies outside/)
    }
  })

  it('are listed below a part of the declared directories', async () => {
    const other = make('.agent/other/2026/b.json')
    const found = files(['~/.agent', '~/.none'])
    assert.deepEqual(await found.list('deep'), [inside])
    assert.deepEqual(await found.list('other/2026'), [other])
    assert.deepEqual(await found.list('other/2027'), [])
    for (const below of ['..', '../.agent-2', 'deep/../..'])
      await assert.rejects(async () => found.list(below), /lies outside the directories/, below)
  })

  it('are an error where a folder cannot be read, or the others with a word about it', async () => {
    const [closed, shown, {readdirSync}] = [dirname(inside), make('.agent/open/b.json'), fs]
    const refused = ((path: string, options: never) => {
      if (path === closed) throw Object.assign(new Error(`EACCES: ${path}`), {code: 'EACCES'})
      return readdirSync(path, options) as unknown
    }) as never
    try {
      fs.readdirSync = refused
      syncBuiltinESMExports()
      const told: string[] = []
      const found = agentFiles(['~/.agent'], {HOME: home}, (error) => told.push(String(error)))
      assert.deepEqual([await found.list(), told], [[shown], [`Error: EACCES: ${closed}`]])
      await assert.rejects(files(['~/.agent']).list(), /EACCES/)
      const none: string[] = [await found.read(`${closed}/none`)]
      for await (const line of found.lines(`${closed}/none`)) none.push(line)
      assert.deepEqual([none, told.length], [[''], 3])
    } finally {
      fs.readdirSync = readdirSync
      syncBuiltinESMExports()
    }
  })

  it('lie where variables and the number of the user say, and nowhere when a variable is not set', async () => {
    const own = make(`agent-${process.getuid!()}/a`)
    assert.deepEqual(await files(['~/agent-$UID']).list(), [own])
    assert.deepEqual(await files(['$AGENT_HOME/deep'], {AGENT_HOME: join(home, '.agent')}).list(), [inside])
    assert.deepEqual(await files(['$AGENT_HOME/deep', '~/.other', join(home, 'none')]).list(), [])
    const empty = files([`$AGENT_HOME${home}/.agent`], {AGENT_HOME: ''})
    assert.deepEqual(await empty.list(), [])
    await assert.rejects(async () => empty.read(inside), /lies outside/)
  })

  it('are no others: neither beside the directory nor by ..', async () => {
    const found = files(['~/.agent'])
    const agent = join(home, '.agent')
    const elsewhere = /lies outside the directories/
    for (const path of [outside, '/etc/passwd', `${agent}/deep/../../secret`, `${agent}-2/a`, agent]) {
      await assert.rejects(
        async () => found.read(path),
        path === agent ? /it is not a file/ : elsewhere,
        path,
      )
      await assert.rejects(async () => found.remove(path), /lies outside the directories/, path)
      await assert.rejects(found.copy(path, `${agent}/copy`), /lies outside the directories/, path)
      await assert.rejects(found.copy(inside, path), /lies outside the directories/, path)
    }

    assert.deepEqual([await found.list(), existsSync(outside)], [[inside], true])
  })

  it('that a probe may read are those of the list alone, and cannot be removed', async () => {
    const declared = ['$AGENT_HOME/deep/a.json', '~/.agent/deep/a.json', '~/.agent/none']
    const found = readableFiles(declared, {HOME: home})
    assert.deepEqual(await found.list(), [inside])
    assert.equal(await found.read(inside), '.agent/deep/a.json')
    await assert.rejects(async () => found.read(outside), /none of the files that the backend declares/)
    assert.equal('remove' in found, false)
  })

  it('that it left behind are removed when they are empty directories and younger than the turn', async () => {
    const older = user.directory('older')
    // The clock of a file system ticks some milliseconds.
    await wait(20)
    const startedAt = new Date()
    await wait(20)
    const full = dirname(make('full/file'))
    const empty = user.directory('empty')
    await removeLeftovers([older, full, empty, join(home, 'none')], startedAt)
    assert.deepEqual([older, full, empty].map(existsSync), [true, true, false])
  })
})

describe("an agent's version", () => {
  it('is told when it is older than what is supported, or newer than what was tested', () => {
    const descriptor = {title: 'Agent', supportedFrom: '2.0.3', tested: '2.1.197'}
    for (const version of [undefined, '2.0.3', '2.1.197', '2.1.330', '2.1.0-beta.1'])
      assert.equal(agentVersionNotice(version, descriptor), undefined, version)
    for (const version of ['2.0.2', '1.9.9'])
      assert.match(agentVersionNotice(version, descriptor)!, /older than 2\.0\.3/)
    for (const version of ['2.2.0', '3.0.0'])
      assert.match(agentVersionNotice(version, descriptor)!, /newer than 2\.1\.197/)
  })
})
