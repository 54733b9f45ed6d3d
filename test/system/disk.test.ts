import assert from 'node:assert/strict'
import {json, Sandbox} from '../support/sandbox.js'

/** A home on a small file system of its own, in a mount namespace: full, or read-only. */
describe('when sessions cannot be written', () => {
  const user = new Sandbox({CLINVK_BACKEND: 'echo'})
  after(() => user.remove())

  const inNamespace = (prepare: string, ...words: string[]) => {
    const home = user.directory('disk')
    const script = `set -e; mount -t tmpfs -o size=1m,mode=700 tmpfs ${home}; ${prepare}; shift; CLINVK_HOME=${home} exec "$@"`
    const clinvk = [process.execPath, new URL('../../bin/run.js', import.meta.url).pathname, ...words]
    const namespace = ['--user', '--map-root-user', '--mount']
    return user.run('unshare', [...namespace, 'sh', '-c', script, 'sh', '--', ...clinvk]).finished
  }

  const full = 'dd if=/dev/zero of=DISK/fill bs=4k status=none 2>/dev/null || true'
  const disks: [name: string, prepare: (home: string) => string, error: RegExp][] = [
    ['full', (home) => full.replace('DISK', home), /ENOSPC/],
    ['read-only', (home) => `mkdir ${home}/sessions; mount -o remount,ro ${home}`, /EROFS/],
  ]
  for (const [name, prepare, error] of disks) {
    it(`because the disk is ${name}, the answer still comes, with a note and exit code 0`, async () => {
      const result = await inNamespace(prepare(user.directory('disk')), 'hello there', '--json')
      assert.equal(json(result).content, 'You said: hello there')
      assert.equal(json(result).session_saved, false)
      assert.match(result.stderr, error)
      assert.match(result.stderr, /^Note: The session cannot be saved/)
      assert.equal(result.code, 0)
    })
  }
})
