import assert from 'node:assert/strict'
import {
  chmodSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import {join} from 'node:path'
import {ROOT, Sandbox} from './support/sandbox.js'

/** What V8 has compiled is kept from start to start. It is code, so what matters is what is not run. */
describe('the cache of compiled code', () => {
  let user: Sandbox
  let cache: string
  beforeEach(() => {
    user = new Sandbox()
    cache = join(user.home, '.cache/clinvk/code')
  })
  afterEach(() => user.remove())

  const version = async (env = {}) => {
    const {code, stderr, stdout} = await user.clinvk(['--version'], {env})
    assert.deepEqual({code, stderr}, {code: 0, stderr: ''})
    return stdout.split('\n')[0]
  }

  const files = () => readdirSync(cache).sort()
  const states = () => files().map((name) => [name, statSync(join(cache, name)).mtimeMs])

  /** Another clinvk, of the same files, that can be changed. */
  const copy = (name: string) => {
    const root = user.directory(name)
    for (const part of ['bin', 'dist/bundle', 'package.json'])
      cpSync(join(ROOT, part), join(root, part), {recursive: true, preserveTimestamps: true})
    symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'))
    const bundle = join(root, 'dist/bundle/main.cjs')
    const run = async () => {
      const {finished} = user.run(process.execPath, [join(root, 'bin/run.js'), 'version'])
      const {stderr, stdout} = await finished
      assert.equal(stderr, '')
      return stdout.split('\n')[0]
    }

    /** As long as before, so that V8 itself sees no difference. */
    const change = (word: string) =>
      writeFileSync(
        bundle,
        readFileSync(bundle, 'utf8').replace(/`clinvk (?=\$\{version\d*\}\n)/, `\`${word} `),
      )
    return {bundle, change, run}
  }

  it('is made by the first start, for the user alone, and left alone by the next', async () => {
    await version()
    assert.equal(statSync(cache).mode & 0o777, 0o700)
    assert.deepEqual(
      files().map((name) => statSync(join(cache, name)).mode & 0o777),
      [0o600],
    )
    const before = states()
    await version()
    assert.deepEqual(states(), before)
  })

  it('is kept apart for each command: another one runs other functions', async () => {
    await version()
    await user.clinvk(['sessions', 'list'])
    await user.clinvk(['a prompt', '-b', 'echo', '--dry-run'])
    const purposes = files().map((name) => name.split('.').at(-1))
    assert.deepEqual(new Set(purposes), new Set(['version', 'sessions-list', 'prompt']))
  })

  it('never stands for a bundle that has changed, not even when V8 would take it', async () => {
    const {change, run} = copy('changed')
    assert.equal(await run(), 'clinvk 0.1.0')
    assert.equal(await run(), 'clinvk 0.1.0')
    change('vkclin')
    assert.equal(await run(), 'vkclin 0.1.0')
    assert.equal(await run(), 'vkclin 0.1.0')
  })

  it('never stands for a bundle that has changed in its place, with the time that npm gives to all files', async () => {
    const {bundle, change, run} = copy('updated')
    const packed = new Date('1985-10-26T08:15:00Z')
    utimesSync(bundle, packed, packed)
    assert.equal(await run(), 'clinvk 0.1.0')
    change('CLINVK')
    utimesSync(bundle, packed, packed)
    assert.equal(await run(), 'CLINVK 0.1.0')
  })

  it('never stands for the bundle of another place, though it is as long and as old', async () => {
    const [one, other] = [copy('one'), copy('other')]
    other.change('vkclin')
    const old = new Date('2026-01-01')
    for (const {bundle} of [one, other]) utimesSync(bundle, old, old)
    assert.equal(await one.run(), 'clinvk 0.1.0')
    assert.equal(await other.run(), 'vkclin 0.1.0')
    assert.equal(await one.run(), 'clinvk 0.1.0')
    assert.equal(files().length, 2)
  })

  it('is named by the version of Node and by the processor', async () => {
    await version()
    for (const name of files()) assert.ok(name.startsWith(`${process.version}-${process.arch}-`), name)
  })

  for (const [what, damage] of Object.entries<(content: Buffer) => Buffer | string>({
    'is empty': () => '',
    'is something else': () => 'a text of somebody else',
    'is cut off': (content) => content.subarray(0, content.length / 2),
    'has one wrong bit': (content) => {
      content[content.length - 5000]! ^= 1
      return content
    },
    'is whole, but of another Node': (content) => {
      const half = content.subarray(0, content.length / 2)
      half[4]! ^= 1
      return Buffer.concat([half, half])
    },
  })) {
    it(`that ${what} only costs time, and is made anew`, async () => {
      await version()
      const file = join(cache, files()[0]!)
      const good = readFileSync(file)
      writeFileSync(file, damage(Buffer.from(good)))
      assert.equal(await version(), 'clinvk 0.1.0')
      const again = readFileSync(file)
      assert.ok(again.subarray(0, again.length / 2).equals(again.subarray(again.length / 2)))
      assert.ok(again.length > good.length / 2)
    })
  }

  it('is not taken from a directory that others can write to', async () => {
    await version()
    const file = join(cache, files()[0]!)
    chmodSync(cache, 0o777)
    writeFileSync(file, 'of somebody else')
    assert.equal(await version(), 'clinvk 0.1.0')
    assert.equal(readFileSync(file, 'utf8'), 'of somebody else')
  })

  it('is not missed where it cannot be kept', async () => {
    const file = user.write('a file', '')
    assert.equal(await version({CLINVK_CACHE_DIR: join(file, 'below')}), 'clinvk 0.1.0')
    // Node looks for a way to make a directory below it, and never stops.
    assert.equal(await version({CLINVK_CACHE_DIR: '/proc/none'}), 'clinvk 0.1.0')
    const closed = user.directory('closed')
    chmodSync(closed, 0o500)
    assert.equal(await version({CLINVK_CACHE_DIR: join(closed, 'cache')}), 'clinvk 0.1.0')
  })

  it('that cannot be read is not missed either', async () => {
    await version()
    const name = files()[0]!
    const elsewhere = user.directory('unreadable')
    chmodSync(elsewhere, 0o700)
    mkdirSync(join(elsewhere, 'code', name), {recursive: true, mode: 0o700})
    assert.equal(await version({CLINVK_CACHE_DIR: elsewhere}), 'clinvk 0.1.0')
  })

  it('is whole after several first starts at once, and nothing else is left behind', async () => {
    const all = await Promise.all(Array.from({length: 4}, async () => version()))
    assert.deepEqual(new Set(all), new Set(['clinvk 0.1.0']))
    const [file, ...others] = files()
    assert.deepEqual(others, [])
    const content = readFileSync(join(cache, file!))
    assert.ok(content.subarray(0, content.length / 2).equals(content.subarray(content.length / 2)))
  })

  it('moves with CLINVK_HOME', async () => {
    await version({CLINVK_HOME: join(user.home, 'elsewhere')})
    assert.equal(readdirSync(join(user.home, 'elsewhere/cache/code')).length, 1)
  })

  it('forgets after a month what nobody needs any more', async () => {
    await version()
    const [kept] = files()
    const old = join(cache, 'v1.2.3-x64-1-2-3-4.version')
    writeFileSync(old, '')
    utimesSync(old, new Date(Date.now() - 40 * 86_400_000), new Date(Date.now() - 40 * 86_400_000))
    await user.clinvk(['sessions', 'list'])
    assert.ok(files().includes(kept!))
    assert.ok(!files().includes('v1.2.3-x64-1-2-3-4.version'))
  })
})
