import assert from 'node:assert/strict'
import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {isFailure} from 'clinvk-kit/failure'
import {StoreLock} from 'clinvk-plugin-sessions/store/lock'
import {Sandbox} from '../support/sandbox.js'

describe('the store', () => {
  const user = new Sandbox()
  after(() => user.remove())

  const program = (name: string) => new URL(`../e2e/processes/${name}`, import.meta.url).pathname
  const namespace = ['--user', '--map-root-user']

  const onSmallDisk = async (kind: string) => {
    const home = user.directory(`disk-${kind}`)
    const script = 'set -e; mount -t tmpfs -o size=256k,mode=700 tmpfs "$1"; exec "$2" "$3" "$1" "$4"'
    const words = ['sh', '-c', script, 'sh', home, process.execPath, program('on-small-disk.js'), kind]
    const {code, stderr, stdout} = await user.run('unshare', [...namespace, '--mount', ...words]).finished
    assert.equal(code, 0, stderr)
    return JSON.parse(stdout) as Record<string, unknown>
  }

  it('keeps what it has on a full disk, finds all of it, and can delete', async () => {
    assert.deepEqual(await onSmallDisk('full'), {
      update: 'ENOSPC',
      create: 'ENOSPC',
      list: 3,
      named: true,
      delete: true,
      left: 2,
      again: true,
      read: true,
      end: 2,
    })
  })

  it('keeps what it has on a read-only disk, and finds all of it', async () => {
    assert.deepEqual(await onSmallDisk('read-only'), {
      update: 'EROFS',
      create: 'EROFS',
      list: 3,
      named: true,
      delete: 'EROFS',
      left: 3,
      again: true,
      read: true,
      end: 3,
    })
  })

  it('is not taken from a process in a container, whose number means another process here', async () => {
    const directory = user.directory('shared')
    const gate = join(user.home, 'gate')
    const inside = [process.execPath, program('hold.js'), directory, gate]
    const holder = user.run('unshare', [...namespace, '--pid', '--fork', '--mount-proc', ...inside])
    await holder.shows('inside')
    assert.throws(
      () => new StoreLock(directory).run(() => assert.fail('robbed'), 500),
      (error) => isFailure(error) && /holds them/.test(error.message),
    )
    writeFileSync(gate, '')
    const {code, stderr} = await holder.finished
    assert.equal(code, 0, stderr)
    assert.equal(
      new StoreLock(directory).run(() => 'free'),
      'free',
    )
  })
})
