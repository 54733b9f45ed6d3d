import assert from 'node:assert/strict'
import {existsSync, readdirSync, readFileSync, renameSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {LockFile} from 'clinvk-kit/process/lock-file'
import {ends, Sandbox} from '../support/sandbox.js'
import {Terminal} from '../support/terminal.js'

describe('the store', () => {
  const user = new Sandbox()
  after(() => user.remove())

  const program = (name: string) => new URL(`../e2e/processes/${name}`, import.meta.url).pathname
  const namespace = ['--user', '--map-root-user']

  const onSmallDisk = async (kind: string) => {
    const home = user.directory(`disk-${kind}`)
    const script = 'set -e; mount -t tmpfs -o size=256k,mode=700 tmpfs "$1"; exec "$2" "$3" "$1" "$4"'
    const words = ['sh', '-c', script, 'sh', home, process.execPath, program('on-small-disk.js'), kind]
    const {stdout} = await ends(user.run('unshare', [...namespace, '--mount', ...words]).finished, {code: 0})
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

  it('loses the lock of another machine only after a yes to the question of `doctor --fix`', async () => {
    const lock = new LockFile(join(user.directory('.clinvk/work'), 'lock'), 'The sessions')
    lock.tryAcquire()
    renameSync(join(lock.path, readdirSync(lock.path)[0]!), join(lock.path, '4194301,x,elsewhere,y'))
    const terminal = new Terminal(user, {columns: 180, rows: 50})
    try {
      for (const [answer, isThere, says] of [
        ['n', true, /machine or container holds the lock of the sessions\.[^]*code \d/],
        ['y', false, /Removed the lock of the sessions\.[^]*code \d/],
      ] as const) {
        terminal.type('clear; clinvk doctor --fix; echo code $?')
        await terminal.shows(/should the lock be removed\? \[y\/N\]/)
        terminal.type(answer)
        await terminal.shows(says)
        assert.equal(existsSync(lock.path), isThere)
      }
    } finally {
      terminal.close()
    }
  })

  it('is not changed while a process of a container changes it, whose pid means another process here', async () => {
    const path = join(user.directory('shared'), 'lock')
    const gate = join(user.home, 'gate')
    const inside = [process.execPath, program('hold-lock.js'), path, gate]
    const holder = user.run('unshare', [...namespace, '--pid', '--fork', '--mount-proc', ...inside])
    await holder.shows('acquired')
    const lock = new LockFile(path, 'The sessions')
    await assert.rejects(lock.acquire(500), /of another machine or container holds the lock/)
    writeFileSync(gate, '')
    await ends(holder.finished, {code: 0})
    ;(await lock.acquire(500)).release()
  })

  const worlds: [name: string, prepare: string[]][] = [
    [
      'that cannot see each other, because /proc is hidden',
      ['--mount', 'sh', '-c', 'mount -t tmpfs none /proc; exec "$@"', 'sh'],
    ],
    ['of containers, each with pids of its own', ['--pid', '--fork', '--mount-proc']],
    ['of containers that see the processes of the machine', ['--pid', '--fork']],
  ]
  for (const [name, prepare] of worlds) {
    it(`loses no change of 12 processes ${name}`, async () => {
      const directory = user.directory(name.replaceAll(/\W/g, '-'))
      const [path, file] = [join(directory, 'lock'), join(directory, 'number')]
      writeFileSync(file, '0')
      const words = [...prepare, process.execPath, program('count-with-lock.js'), path, file, '10']
      const writers = Array.from(
        {length: 12},
        () => user.run('unshare', [...namespace, ...words], {stdin: '!'}).finished,
      )
      for (const {code, stderr} of await Promise.all(writers)) assert.equal(code, 0, stderr)
      assert.equal(readFileSync(file, 'utf8'), '120')
    })
  }
})
