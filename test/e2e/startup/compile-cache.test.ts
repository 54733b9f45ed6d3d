import assert from 'node:assert/strict'
import {chmodSync, existsSync, mkdirSync, readdirSync, statSync, symlinkSync} from 'node:fs'
import module from 'node:module'
import {join} from 'node:path'
import {compileCacheDirectory} from '../../../bin/compile-cache.js'
import {Sandbox} from '../../support/sandbox.js'

/** Node runs what it finds in its compile cache. */
describe('the directory of the compile cache', () => {
  const user = new Sandbox().forEachTest()

  const directoryFor = (env = {}) => compileCacheDirectory({HOME: user.home, ...env})

  it('is made for the user alone', () => {
    const directory = directoryFor()
    assert.equal(directory, join(user.home, '.cache/clinvk/compiled'))
    assert.equal(statSync(directory).mode & 0o777, 0o700)
    assert.equal(directoryFor(), directory)
  })

  it('moves with the directories of clinvk and of the system', () => {
    const place = (name: string) => join(user.home, name)
    assert.equal(directoryFor({XDG_CACHE_HOME: place('xdg')}), place('xdg/clinvk/compiled'))
    assert.equal(directoryFor({CLINVK_HOME: place('home')}), place('home/cache/compiled'))
    const env = {CLINVK_HOME: place('home'), CLINVK_CACHE_DIR: place('own')}
    assert.equal(directoryFor(env), place('own/compiled'))
  })

  for (const mode of [0o770, 0o707, 0o755]) {
    it(`is not used with the mode ${mode.toString(8)}`, () => {
      chmodSync(directoryFor()!, mode)
      assert.equal(directoryFor(), undefined)
    })
  }

  it('is not used when it is a link', () => {
    const target = user.directory('elsewhere')
    chmodSync(target, 0o700)
    mkdirSync(join(user.home, '.cache/clinvk'), {recursive: true})
    symlinkSync(target, join(user.home, '.cache/clinvk/compiled'))
    assert.equal(directoryFor(), undefined)
  })

  it('is not used when it belongs to somebody else', () => {
    const directory = directoryFor()!
    const getuid = process.getuid!
    try {
      process.getuid = () => getuid() + 1
      assert.equal(directoryFor(), undefined)
    } finally {
      process.getuid = getuid
    }

    assert.equal(directoryFor(), directory)
  })

  it('is not missed where it cannot be made', async () => {
    const file = user.write('a file', '')
    // Node looks for a way to make a directory below /proc, and never stops.
    for (const place of [join(file, 'below'), '/proc/none']) {
      assert.equal(directoryFor({CLINVK_CACHE_DIR: place}), undefined)
      const {code, stderr, stdout} = await user.clinvk(['--version'], {env: {CLINVK_CACHE_DIR: place}})
      assert.match(stdout, /^clinvk \d/)
      assert.deepEqual({code, stderr}, {code: 0, stderr: ''})
    }
  })

  it('is filled where Node has such a cache, and nothing takes its place elsewhere', async () => {
    const all = await Promise.all(Array.from({length: 3}, async () => user.clinvk(['--version'])))
    for (const {stderr, stdout} of all) {
      assert.match(stdout, /^clinvk \d/)
      assert.equal(stderr, '')
    }

    const directory = join(user.home, '.cache/clinvk/compiled')
    if ('enableCompileCache' in module) assert.notDeepEqual(readdirSync(directory), [])
    else assert.ok(!existsSync(directory))
  })
})
