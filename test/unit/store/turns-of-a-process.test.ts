import assert from 'node:assert/strict'
import {spawn} from 'node:child_process'
import {identify} from 'clinvk-kit/process/identity'
import doctor from 'clinvk-plugin-sessions/hooks/doctor'
import {turnRecord} from 'clinvk-plugin-sessions/lifecycle/turn-record'
import type {SessionFile} from 'clinvk-plugin-sessions/store/session-file'
import {isRunning, statusOf} from 'clinvk-plugin-sessions/store/status'
import {idOf, sampleSession, StoreHome} from '../../support/store-home.js'

describe('turns of one process', () => {
  const home = new StoreHome().forEachTest()

  const record = (resumed: SessionFile) =>
    turnRecord({
      store: home.store(),
      resumed,
      tags: [],
      notices: [],
      settings: {store_token_usage: true, store_transcripts: false},
    })
  const start = {
    backend: 'echo',
    workingDir: '/',
    prompt: 'go on',
    options: {extra: [], fallback: [], allowedTools: [], addDirs: []},
    isNew: false,
    notice: (message: string) => assert.fail(message),
  }
  const stateOf = (number: number) => {
    const session = home.store().get(idOf(number))!
    return [isRunning(session), statusOf(session)]
  }
  const turnsBy = async () => {
    const checks = await doctor({env: {CLINVK_HOME: home.home}})
    const [finding] = await checks.find(({name}) => name === 'turns')!.run()
    return finding?.message
  }

  it('are told apart in the session files: one that has died is over, the other one runs', async () => {
    const sessions = [1, 2].map((number) => sampleSession(number, {running: undefined, closed_at: undefined}))
    for (const session of sessions) home.put(session)
    const [first, second] = sessions.map(record)
    for (const turn of [first!, second!]) await turn.begin(start)
    assert.deepEqual([stateOf(1), stateOf(2)], [[true, 'active'], [true, 'active']]) // prettier-ignore
    assert.equal(await turnsBy(), '2 turns run now')
    const late = record(sessions[0]!)
    await assert.rejects(late.begin(start), /Session \w+ is in use: process \d+ runs a turn/)
    await late.end!()
    assert.deepEqual(stateOf(1), [true, 'active'])
    await first!.end!()
    assert.deepEqual([stateOf(1), stateOf(2)], [[false, 'paused'], [true, 'active']]) // prettier-ignore
    assert.equal(home.read(idOf(1)).running, undefined, 'other processes see it, too')
    assert.equal(await turnsBy(), '1 turn runs now')
    const next = record(home.store().get(idOf(1))!)
    await next.begin(start)
    assert.deepEqual(stateOf(1), [true, 'active'])
    for (const turn of [next, second!]) await turn.end!()
  })

  it('are over where this process does not run them, although it lives', () => {
    const other = spawn('sleep', ['60'])
    try {
      const [ours, theirs] = [process.pid, other.pid!].map((pid) => identify(pid)!)
      const gone = {pid: 2 ** 22 + 1, started: 'x'}
      const cases: [running: SessionFile['running'], isAlive: boolean][] = [
        [{clinvk: ours!}, true],
        [{clinvk: ours!, turn: 'over'}, false],
        [{clinvk: ours!, turn: 'over', agent: theirs!}, true],
        [{clinvk: ours!, turn: 'over', agent: gone}, false],
        [{clinvk: theirs!, turn: 'theirs'}, true],
        [{clinvk: gone, turn: 'over'}, false],
      ]
      for (const [running, isAlive] of cases) {
        home.put(sampleSession(1, {running, closed_at: undefined}))
        assert.deepEqual(stateOf(1), [isAlive, isAlive ? 'active' : 'paused'], JSON.stringify(running))
      }
    } finally {
      other.kill()
    }
  })
})
