import assert from 'node:assert/strict'
import {existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {agentFiles, readableFiles} from 'clinvk-kit/turn/agent-files'

describe("an agent's own files", () => {
  let home: string
  let inside: string
  let outside: string
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'clinvk-files-'))
    mkdirSync(join(home, '.agent/deep'), {recursive: true})
    inside = join(home, '.agent/deep/a.json')
    outside = join(home, 'secret')
    writeFileSync(inside, 'inside')
    writeFileSync(outside, 'outside')
  })
  afterEach(() => rmSync(home, {recursive: true}))

  const files = (declared: string[], env: Record<string, string> = {}) =>
    agentFiles(declared, {HOME: home, ...env})

  it('are listed, read and removed below the declared directories', async () => {
    const found = files(['~/.agent'])
    assert.deepEqual(await found.list(), [inside])
    assert.equal(await found.read(inside), 'inside')
    await found.remove(inside)
    await found.remove(inside)
    assert.equal(existsSync(inside), false)
  })

  it('are listed below a part of the declared directories alone', async () => {
    mkdirSync(join(home, '.agent/other/2026'), {recursive: true})
    writeFileSync(join(home, '.agent/other/2026/b.json'), 'b')
    const found = files(['~/.agent', '~/.none'])
    assert.deepEqual(await found.list('deep'), [inside])
    assert.deepEqual(await found.list('other/2026'), [join(home, '.agent/other/2026/b.json')])
    assert.deepEqual(await found.list('other/2027'), [])
    for (const below of ['..', '../.agent-2', 'deep/../..'])
      await assert.rejects(async () => found.list(below), /lies outside the directories/, below)
  })

  it('may be asked for one by one, and removed with their directory', async () => {
    const found = files(['~/.agent', '~/.agent'])
    assert.deepEqual(await found.list('deep/a.json'), [inside])
    await found.remove(join(home, '.agent/deep'))
    assert.equal(existsSync(join(home, '.agent/deep')), false)
    assert.deepEqual(await found.list(), [])
  })

  it('lie where the number of the user says', async () => {
    const own = join(home, `agent-${process.getuid!()}`)
    mkdirSync(own)
    writeFileSync(join(own, 'a'), 'a')
    assert.deepEqual(await files(['~/agent-$UID']).list(), [join(own, 'a')])
  })

  it('lie where a variable says, and nowhere when it is not set or empty', async () => {
    assert.deepEqual(await files(['$AGENT_HOME/deep'], {AGENT_HOME: join(home, '.agent')}).list(), [inside])
    assert.deepEqual(await files(['$AGENT_HOME/deep']).list(), [])
    const empty = files([`$AGENT_HOME${home}/.agent`], {AGENT_HOME: ''})
    assert.deepEqual(await empty.list(), [])
    await assert.rejects(async () => empty.read(inside), /lies outside/)
  })

  it('are none where there is no directory', async () => {
    assert.deepEqual(await files(['~/.other', join(home, 'none')]).list(), [])
    assert.deepEqual(await files([]).list(), [])
  })

  it('are no others: neither beside the directory nor by ..', async () => {
    const found = files(['~/.agent'])
    const paths = [
      outside,
      '/etc/passwd',
      join(home, '.agent/../secret'),
      `${join(home, '.agent')}/deep/../../secret`,
      `${join(home, '.agent')}-2/a`,
      join(home, '.agent'),
    ]
    for (const path of paths) {
      await assert.rejects(async () => found.read(path), /lies outside the directories/, path)
      await assert.rejects(async () => found.remove(path), /lies outside the directories/, path)
    }

    assert.deepEqual(await found.list(), [inside])
    assert.equal(existsSync(outside), true)
  })

  it('that a probe may read are those of the list alone, and cannot be removed', async () => {
    const found = readableFiles(['$AGENT_HOME/deep/a.json', '~/.agent/deep/a.json', '~/.agent/none'], {
      HOME: home,
    })
    assert.deepEqual(await found.list(), [inside])
    assert.equal(await found.read(inside), 'inside')
    await assert.rejects(async () => found.read(outside), /none of the files that the backend declares/)
    assert.equal('remove' in found, false)
  })
})
