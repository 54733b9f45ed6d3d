import assert from 'node:assert/strict'
import {chmodSync, existsSync, readdirSync, renameSync, rmSync, utimesSync} from 'node:fs'
import {join} from 'node:path'
import {LockFile} from 'clinvk-kit/process/lock-file'
import {doctor, onlyWrong, wrong} from '../../support/doctor.js'
import {FakeClaude} from '../../support/fake-claude.js'
import {json} from '../../support/sandbox.js'
import {storeSession} from '../../support/stored-session.js'
import {waitFor} from '../../support/wait-for.js'

/** Sessions as accidents leave them. */
describe('doctor, about sessions,', () => {
  const claude = new FakeClaude().forEachTest()
  beforeEach(() => {
    // Only turns need the claude of the fixtures; it says nothing of its version.
    claude.env.CLINVK_BACKEND = 'echo'
    claude.env.FAKE_CLAUDE = 'answers'
    chmodSync(claude.directory('.clinvk'), 0o700)
  })
  const look = (...words: string[]) => doctor(claude, ['--timeout', '60s', ...words])
  const names = (directory: string) => readdirSync(join(claude.home, '.clinvk', directory))

  it('counts them', async () => {
    for (const id of ['aa11', 'bb22', 'cc33']) storeSession(claude, id)
    const {findings} = await look()
    assert.ok(findings.some(({message, state}) => state === 'ok' && /^3 sessions in /.test(message)))
  })

  it('names files that cannot be understood and leaves them as they are, with --fix too', async () => {
    storeSession(claude, 'aa11')
    const broken = claude.write(`.clinvk/sessions/${'b'.repeat(32)}.json`, '{"id": "bb')
    const newer = storeSession(claude, 'cc33', {version: 99})
    claude.write('.clinvk/sessions/notes.txt', 'mine')
    const before = names('sessions')
    const found = await look('--fix')
    assert.equal(found.code, 1)
    const messages = wrong(found, 'sessions').map(({message, state}) => `${state}: ${message}`)
    assert.ok(messages.includes(`problem: ${broken} is not a session file.`), messages.join('\n'))
    assert.ok(messages.some((message) => message.includes(newer) && message.includes('a later version')))
    assert.ok(messages.some((message) => /^warning: .* not sessions: notes\.txt\.$/.test(message)))
    assert.deepEqual(names('sessions'), before)
  })

  it('clears the marks of turns that died, with --fix', async () => {
    const gone = {pid: 2 ** 22 - 3, started: 'long ago'}
    const id = storeSession(claude, 'aa11', {running: {clinvk: gone, agent: gone}, turn_count: 1})
    const {message, repairable, state} = onlyWrong(await look(), 'turns')
    assert.deepEqual({repairable, state}, {repairable: true, state: 'warning'})
    assert.match(message, /^1 session is marked as running, but its process is gone: aa110000\./)

    const {code, repaired} = await look('--fix')
    assert.deepEqual({code, repaired}, {code: 0, repaired: ['Marked 1 session as paused: aa110000.']})
    const shown = json(await claude.clinvk(['sessions', 'show', id, '--json']))
    assert.deepEqual([shown.status, claude.sessions()[0]?.running], ['paused', undefined])
    assert.deepEqual(wrong(await look(), 'turns'), [])
  })

  it('finds an agent that outlived a killed clinvk, and ends it with all its children with --fix', async () => {
    const session = () => claude.sessions()[0] as {running?: {agent?: {pid: number}}; status?: string}
    const running = claude.begin('has-children', ['-b', 'claude'])
    await waitFor('agent and children live', () => claude.processes().length >= 5 && session().running?.agent)
    running.child.kill('SIGKILL')
    await running.finished
    const {pid} = session().running!.agent!

    const found = await look()
    const {message, repairable, state} = onlyWrong(found, 'turns')
    assert.deepEqual({code: found.code, repairable, state}, {code: 1, repairable: true, state: 'problem'})
    assert.match(message, RegExp(`^claude has outlived its turn in session .*: process ${pid} still runs`))
    assert.ok(claude.processes().includes(pid), 'looking alone ends nothing')

    // Killed in the middle of a write, clinvk leaves its lock or a temporary file besides.
    const ended = (await look('--fix')).repaired.filter((line) => line.startsWith('Ended'))
    assert.equal(ended.length, 1)
    assert.match(ended[0]!, RegExp(`^Ended process ${pid} \\(claude\\) of session `))
    assert.deepEqual(claude.processes(), [])
    assert.deepEqual([session().running, session().status], [undefined, 'paused'])
    assert.deepEqual(wrong(await look(), 'turns'), [])
  })

  it('lets a turn alone that runs', async () => {
    const running = claude.begin('hangs', ['-b', 'claude'])
    await claude.logged('hangs')
    await waitFor('the agent is written down', () =>
      Boolean((claude.sessions()[0]?.running as {agent?: object} | undefined)?.agent),
    )
    const {findings, repaired} = await look('--fix')
    assert.ok(findings.some(({message}) => message === '1 turn runs now'))
    assert.deepEqual(repaired, [])
    assert.equal(running.child.exitCode, null)
    running.child.kill('SIGTERM')
    await running.finished
  })

  it('removes what writers that died have left, with --fix', async () => {
    storeSession(claude, 'aa11')
    await claude.clinvk(['sessions', 'list'])
    const old = claude.write(join('.clinvk', 'work', '.new-0123456789abcdef'), '{"id"')
    utimesSync(old, new Date(0), new Date(0))
    assert.match(
      onlyWrong(await look(), 'store').message,
      /has 1 temporary file of processes that were killed/,
    )
    const {repaired} = await look('--fix')
    assert.deepEqual(repaired, ['Removed the temporary files.'])
    assert.equal(names('work').includes('.new-0123456789abcdef'), false)
    assert.deepEqual(wrong(await look(), 'store'), [])
  })

  it('names who holds the lock of the sessions, and removes it with --fix only when that process has ended, or after a question', async () => {
    const lock = new LockFile(join(claude.home, '.clinvk', 'work', 'lock'), 'The sessions')
    const gone = String(2 ** 22 - 3)
    const cases: [change: (entry: string) => string, message: RegExp, isRemoved: boolean][] = [
      [(entry) => entry, RegExp(`^Process ${process.pid} holds the lock of the sessions\\.`), false],
      [
        (entry) => entry.replace(/^\d+/, gone),
        /^The lock of the sessions is stale: process 4194301 has ended/,
        true,
      ],
      [
        () => `${gone},x,elsewhere,y`,
        /^Process 4194301 of another machine or container holds the lock/,
        false,
      ],
    ]
    for (const [change, expected, isRemoved] of cases) {
      assert.ok(lock.tryAcquire())
      const [entry = ''] = readdirSync(lock.path)
      renameSync(join(lock.path, entry), join(lock.path, change(entry)))
      const {message, repairable, state} = onlyWrong(await look(), 'store')
      assert.match(message, expected)
      assert.equal(state, 'warning')
      // Without a terminal nobody can be asked whether a process of another machine still runs.
      assert.equal(repairable, !/still/.test(message))
      assert.deepEqual((await look('--fix')).repaired.length, isRemoved ? 1 : 0)
      assert.equal(existsSync(lock.path), !isRemoved)
      rmSync(lock.path, {recursive: true, force: true})
    }
  })
})
