import assert from 'node:assert/strict'
import {readFileSync, rmSync} from 'node:fs'
import {join} from 'node:path'
import {ends, ROOT, Sandbox} from '../support/sandbox.js'

/** A plugin of somebody else that guards turns and hears of them, really linked. */
describe('plugins that listen', () => {
  const user = new Sandbox({CLINVK_BACKEND: 'echo'})
  const log = join(user.home, 'log.jsonl')
  user.env.LISTENER_LOG = log
  const heard = () =>
    readFileSync(log, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as {event: string; sessionId?: string})
  after(() => user.remove())
  before(async () => {
    await ends(user.clinvk(['plugins', 'link', join(ROOT, 'test/fixtures/plugins/listener'), '--yes']), {
      code: 0,
    })
  })

  it('hear of the beginning and the end of a turn', async () => {
    assert.equal((await user.clinvk(['hello there'])).code, 0)
    const [session] = user.sessions()
    assert.deepEqual(heard(), [
      {event: 'created', sessionId: session?.id, backend: 'echo', workingDir: user.project},
      {
        event: 'start',
        backend: 'echo',
        workingDir: user.project,
        prompt: 'hello there',
        sessionId: session?.id,
      },
      {event: 'end', outcome: 'success', usage: {input_tokens: 2, output_tokens: 4, total_tokens: 6}},
    ])
  })

  it('hear what becomes of a session', async () => {
    const [{id}] = user.sessions() as [{id: string}]
    rmSync(log)
    await user.clinvk(['-c', 'hello again'])
    await user.clinvk(['sessions', 'close', id])
    await user.clinvk(['hello there'])
    await user.clinvk(['sessions', 'delete', id])
    const about = {sessionId: id, backend: 'echo', workingDir: user.project}
    assert.deepEqual(
      heard().filter(({event, sessionId}) => sessionId === id && event !== 'start'),
      ['resumed', 'closed', 'deleted'].map((event) => ({event, ...about})),
    )
    assert.equal(heard().filter(({event}) => event === 'created').length, 1)
  })

  it('cannot keep a session from being deleted', async () => {
    const before = user.sessions().length
    const deletion = user.clinvk(['sessions', 'delete', '@last'], {env: {LISTENER: 'throws'}})
    await ends(deletion, {code: 0, stderr: /session:deleted/})
    assert.equal(user.sessions().length, before - 1)
  })

  it('let nothing pass when their guard breaks', async () => {
    await ends(user.clinvk(['break the guard']), {
      code: 10,
      stderr: /clinvk-plugin-listener failed on turn:guard, so the turn does not run: the guard is broken/,
    })
  })

  for (const [what, says] of [
    ['throws', /clinvk-plugin-listener failed on turn:end: the listener is broken/],
    ['hangs', /clinvk-plugin-listener failed on turn:end: it did not finish within 5 s/],
  ] as const) {
    it(`cannot hurt a turn: a listener that ${what}`, async () => {
      const {code, stdout} = await ends(user.clinvk(['hello there'], {env: {LISTENER: what}}), {stderr: says})
      assert.deepEqual({code, stdout}, {code: 0, stdout: 'You said: hello there\n'})
      assert.equal(user.sessions()[0]?.last_outcome, 'success')
    })
  }

  it('are left out by CLINVK_NO_PLUGINS', async () => {
    const words = ['something forbidden']
    await ends(user.clinvk(words), {
      code: 10,
      stderr: /refused this turn: "forbidden" is not allowed on echo/,
    })
    await ends(user.clinvk(words, {env: {CLINVK_NO_PLUGINS: '1'}}), {code: 0})
  })
})
