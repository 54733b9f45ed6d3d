import assert from 'node:assert/strict'
import {existsSync, readdirSync, readFileSync, renameSync, statSync, symlinkSync} from 'node:fs'
import {rm, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {restorePlugins} from '../../../src/plugins/plugin-list.js'
import {changePlugins, type Staging} from '../../../src/plugins/staging.js'
import {Sandbox} from '../../support/sandbox.js'

describe('a change of the plugins', () => {
  let user: Sandbox
  let dataDir: string
  let interrupt: AbortController
  const read = (path: string) => readFileSync(join(dataDir, path), 'utf8')
  const beside = () => readdirSync(user.home).filter((name) => name.startsWith('data'))
  const change = async (
    action: (staging: Staging) => Promise<void> = () => Promise.resolve(),
    {at = dataDir, fresh = false} = {},
  ) => {
    const interrupts = () => ({stop: interrupt.signal, hurry: new AbortController().signal})
    return changePlugins(at, {interrupts}, action, {fresh})
  }

  beforeEach(() => {
    interrupt = new AbortController()
    user = new Sandbox()
    dataDir = user.directory('data')
    user.write('data/package.json', '{"old": true}')
    user.write('data/node_modules/x/index.js', 'old')
    user.write('data/notes/of-a-plugin.txt', 'mine')
    symlinkSync('../x', join(user.directory('data/node_modules/.bin'), 'x'))
  })
  afterEach(() => user.remove())

  it('replaces all at once, and leaves what is not about plugins', async () => {
    const {ino} = statSync(join(dataDir, 'node_modules/x/index.js'))
    await change(async ({directory}) => {
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

  it('that fails or is interrupted leaves everything as it was', async () => {
    for (const [end, says] of [
      [() => Promise.reject(new Error('no luck')), /no luck/],
      [() => Promise.resolve(interrupt.abort('SIGINT')), {kind: 'cancelled'}],
    ] as const) {
      const failing = change(async ({directory}) => {
        await writeFile(join(directory, 'package.json'), 'half')
        await end()
      })
      await assert.rejects(failing, says)
      assert.equal(read('package.json'), '{"old": true}')
      assert.deepEqual(beside(), ['data'])
    }
  })

  it('that was killed before or after its two renames is cleaned up by the next one', async () => {
    user.write('data.staging/package.json', 'half')
    user.write('data.previous/package.json', 'older')
    assert.equal(restorePlugins(dataDir), false)
    await change()
    assert.equal(read('package.json'), '{"old": true}')
    assert.deepEqual(beside(), ['data'])
  })

  for (const what of ['the data directory', 'a link to it']) {
    it(`that was killed between its renames is undone at the next start, and before the next change: ${what}`, async () => {
      const at = what === 'a link to it' ? join(user.home, 'link') : dataDir
      if (at !== dataDir) symlinkSync('data', at)
      renameSync(dataDir, `${dataDir}.previous`)
      assert.equal(restorePlugins(at), true)
      assert.equal(read('node_modules/x/index.js'), 'old')
      assert.equal(restorePlugins(at), false)
      renameSync(dataDir, `${dataDir}.previous`)
      await change(undefined, {at})
      assert.equal(read('node_modules/x/index.js'), 'old')
      assert.deepEqual(beside(), ['data'])
    })
  }

  it('that removes all keeps what is not about plugins', async () => {
    await change(undefined, {fresh: true})
    assert.deepEqual(readdirSync(dataDir), ['notes'])
  })

  it('waits for another one, until it is interrupted', async () => {
    const order: string[] = []
    const one = change(async () => {
      order.push('one begins')
      await assert.rejects(
        async () => {
          const waiting = change()
          setTimeout(() => interrupt.abort('SIGINT'), 50)
          await waiting
        },
        {kind: 'cancelled', message: 'Interrupted: nothing was changed.'},
      )
      interrupt = new AbortController()
    })
    await assert.rejects(one, {kind: 'cancelled'})
    const named = (name: string) =>
      change(async ({refill}) => {
        order.push(`${name} begins`)
        await refill()
        order.push(`${name} ends`)
      })
    await Promise.all([named('two'), named('three')])
    const [, first] = order
    const names = first === 'two begins' ? ['two', 'three'] : ['three', 'two']
    assert.deepEqual(order, ['one begins', ...names.flatMap((name) => [`${name} begins`, `${name} ends`])])
  })

  it('follows a link to the data directory', async () => {
    symlinkSync(dataDir, join(user.home, 'link'))
    await change(async ({directory}) => writeFile(join(directory, 'package.json'), 'new'), {
      at: join(user.home, 'link'),
    })
    assert.equal(read('package.json'), 'new')
    assert.equal(readFileSync(join(user.home, 'link/package.json'), 'utf8'), 'new')
  })
})
