import assert from 'node:assert/strict'
import {existsSync, readdirSync, readFileSync, renameSync, statSync, symlinkSync} from 'node:fs'
import {rm, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {restorePlugins} from '../../../src/plugins/restore-plugins.js'
import {changePlugins} from '../../../src/plugins/staging.js'
import {Sandbox} from '../../support/sandbox.js'

describe('a change of the plugins', () => {
  let user: Sandbox
  let dataDir: string
  const read = (path: string) => readFileSync(join(dataDir, path), 'utf8')
  const beside = () => readdirSync(user.home).filter((name) => name.startsWith('data'))
  beforeEach(() => {
    user = new Sandbox()
    dataDir = user.directory('data')
    user.write('data/package.json', '{"old": true}')
    user.write('data/node_modules/x/index.js', 'old')
    symlinkSync('../x', join(user.directory('data/node_modules/.bin'), 'x'))
  })
  afterEach(() => user.remove())

  it('replaces all at once, and leaves what is not about plugins', async () => {
    user.write('data/notes/of-a-plugin.txt', 'mine')
    const {ino} = statSync(join(dataDir, 'node_modules/x/index.js'))
    await changePlugins(dataDir, async ({copyCurrent, directory}) => {
      await copyCurrent()
      assert.equal(read('node_modules/x/index.js'), 'old')
      // Nothing is copied that need not be.
      assert.equal(statSync(join(directory, 'node_modules/.bin/x/index.js')).ino, ino)
      await writeFile(join(directory, 'package.json'), '{"new": true}')
      await rm(join(directory, 'node_modules/x'), {recursive: true})
      assert.equal(read('package.json'), '{"old": true}')
    })
    assert.equal(read('package.json'), '{"new": true}')
    assert.equal(existsSync(join(dataDir, 'node_modules/x')), false)
    assert.equal(read('notes/of-a-plugin.txt'), 'mine')
    assert.deepEqual(beside(), ['data'])
  })

  it('that fails leaves everything as it was', async () => {
    const failing = changePlugins(dataDir, async ({directory}) => {
      await writeFile(join(directory, 'package.json'), 'half')
      throw new Error('no luck')
    })
    await assert.rejects(failing, /no luck/)
    assert.equal(read('package.json'), '{"old": true}')
    assert.deepEqual(beside(), ['data'])
  })

  it('that was killed before its end is removed by the next one', async () => {
    user.write('data.staging-abc123/package.json', 'half')
    await changePlugins(dataDir, async ({copyCurrent}) => copyCurrent())
    assert.equal(read('package.json'), '{"old": true}')
    assert.deepEqual(beside(), ['data'])
  })

  it('that was killed between its two renames is undone at the next start', () => {
    renameSync(dataDir, `${dataDir}.previous`)
    user.write('data.staging-abc123/package.json', 'new')
    assert.equal(restorePlugins(dataDir), true)
    assert.equal(read('node_modules/x/index.js'), 'old')
    assert.equal(restorePlugins(dataDir), false)
  })

  it('that was killed between them is undone before another change, too', async () => {
    renameSync(dataDir, `${dataDir}.previous`)
    await changePlugins(dataDir, async ({copyCurrent}) => copyCurrent())
    assert.equal(read('node_modules/x/index.js'), 'old')
    assert.deepEqual(beside(), ['data'])
  })

  it('that removes all is not undone', async () => {
    await changePlugins(dataDir, () => Promise.resolve())
    assert.deepEqual(readdirSync(dataDir), [])
    user.write('data.previous/package.json', 'older')
    assert.equal(restorePlugins(dataDir), false)
  })

  it('that was killed after them is finished by the next one', async () => {
    user.write('data.previous/package.json', 'older')
    user.write('data.previous/notes/of-a-plugin.txt', 'mine')
    await changePlugins(dataDir, async ({copyCurrent}) => copyCurrent())
    assert.equal(read('package.json'), '{"old": true}')
    assert.equal(read('notes/of-a-plugin.txt'), 'mine')
    assert.deepEqual(beside(), ['data'])
  })

  it('waits for another one', async () => {
    const order: string[] = []
    const change = async (name: string) =>
      changePlugins(dataDir, async ({copyCurrent}) => {
        order.push(`${name} begins`)
        await copyCurrent()
        order.push(`${name} ends`)
      })
    await Promise.all([change('one'), change('two')])
    const [first] = order
    const names = first === 'one begins' ? ['one', 'two'] : ['two', 'one']
    assert.deepEqual(
      order,
      names.flatMap((name) => [`${name} begins`, `${name} ends`]),
    )
  })

  it('follows a link to the data directory', async () => {
    symlinkSync(dataDir, join(user.home, 'link'))
    await changePlugins(join(user.home, 'link'), async ({directory}) =>
      writeFile(join(directory, 'package.json'), 'new'),
    )
    assert.equal(read('package.json'), 'new')
    assert.equal(readFileSync(join(user.home, 'link/package.json'), 'utf8'), 'new')
  })
})
