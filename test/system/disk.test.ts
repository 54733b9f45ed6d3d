import assert from 'node:assert/strict'
import {linkKeeperAgent} from '../support/keeper-agent.js'
import {json, Sandbox} from '../support/sandbox.js'

/** A home on a small file system of its own, in a mount namespace: full, or read-only. */
describe('when sessions cannot be written', () => {
  const user = new Sandbox({CLINVK_BACKEND: 'echo'})
  after(() => user.remove())

  const inNamespace = (prepare: string, ...words: string[]) => {
    const home = user.directory('.clinvk')
    const script = `set -e; export CLINVK="$2 $3"; mount -t tmpfs -o size=1m,mode=700 tmpfs ${home}; ${prepare}; shift; exec "$@"`
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
      const result = await inNamespace(prepare(user.directory('.clinvk')), 'hello there', '--json')
      assert.equal(json(result).content, 'You said: hello there')
      assert.equal(json(result).session_saved, false)
      assert.match(result.stderr, error)
      assert.match(result.stderr, /^Note: The session cannot be saved/)
      assert.equal(result.code, 0)
    })
  }

  it('because the disk becomes full in the archive or the index, the turn goes on, and a search finds it', async () => {
    linkKeeperAgent(user)
    const noise = () => Array.from({length: 8000}, () => Math.random().toString(36).slice(2)).join(' ')
    const said = (text: string) =>
      JSON.stringify({type: 'text', role: 'user', at: '2026-01-02T03:04:05.000Z', text})
    user.write('.keeper/alone.jsonl', Array.from({length: 40}, () => said(noise())).join('\n'))
    const home = user.directory('.clinvk')
    const prompt = user.write('prompt', `the owl ${Array.from({length: 22}, noise).join(' ')}`)
    const steps = [
      `mount -o remount,size=2500k ${home}; echo 'session: {store_transcripts: false}' >${home}/config.yaml`,
      `$CLINVK -b keeper --file ${prompt} >/dev/null`,
      // The index was never written, cannot be made, and is made once there is room.
      ...['$CLINVK search owl --json', `mount -o remount,size=200m ${home}`, '$CLINVK search owl --json'],
      // It cannot take in what is new.
      ...['$CLINVK -b keeper "the fox" >/dev/null', full.replace('DISK', home), '$CLINVK search owl --json'],
    ].map((step) => `${step}; echo "code $?" >&2`)
    const {stdout, stderr} = await inNamespace(steps.join('; '), '--version')
    const lines = stderr
      .trim()
      .split('\n')
      .filter((line) => line !== 'code 0')
    assert.deepEqual(
      lines.map((line) => line.replace(/(no space left on device|database or disk is full).*$/, 'FULL')),
      [
        'Note: The conversation cannot be archived: FULL',
        'Note: All conversations were read, which takes long: The search index cannot be written: FULL',
        'Note: What was said since the last search is not found: FULL',
      ],
    )
    assert.equal(stdout.match(/"snippet": "the owl/g)?.length, 3)
  })
})
