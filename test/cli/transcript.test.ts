import assert from 'node:assert/strict'
import {appendFileSync, readdirSync, readFileSync, statSync} from 'node:fs'
import {join} from 'node:path'
import {CliUser} from '../support/cli-user.js'
import {ends} from '../support/sandbox.js'
import {scenes} from '../support/scenes.js'
import {storeSession} from '../support/stored-session.js'
import {linkTalkingAgent, willSay} from '../support/talking-agent.js'

describe('what was said in a turn', () => {
  const user = new CliUser({CLINVK_BACKEND: 'talker'}).forEachTest()
  beforeEach(() => linkTalkingAgent(user))

  const directory = () => join(user.home, '.clinvk/transcripts')
  const path = () => join(directory(), readdirSync(directory())[0]!)
  const lines = () =>
    readFileSync(path(), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)

  scenes(user, 'transcript')

  it('is written for its owner alone, with times, pieces of text as one line, and appended to', async () => {
    const usage = {input_tokens: 3, output_tokens: 4}
    const call = {type: 'tool_call', id: 'c', name: 'Bash', input: {command: 'ls'}, target: 'ls'}
    const result = {type: 'tool_result', id: 'c', output: 'a', is_error: false}
    const text = (piece: string) => ({type: 'text', text: piece})
    willSay(user, text('Hel'), text('lo'), call, result, {type: 'reasoning', text: 'hm'}, text('!'), {
      type: 'usage',
      usage,
    })
    await ends(user.clinvk(['hi']), {code: 0})
    willSay(user, text('Bye'))
    await ends(user.clinvk(['-c', 'go']), {code: 0})
    const found = lines()
    assert.equal(
      found.map(({type}) => type).join(' '),
      'turn session text tool_call tool_result reasoning text usage done turn session text done',
    )
    assert.ok(found.every(({time}) => new Date(String(time)).toISOString() === time))
    const {time: _time, ...first} = found[0]!
    const about = {prompt: 'hi', backend: 'talker', working_dir: user.project}
    assert.deepEqual(first, {type: 'turn', turn: 1, ...about})
    assert.deepEqual([found[2]?.text, found[9]?.turn, found[8]?.outcome], ['Hello', 2, 'success'])
    assert.deepEqual(found[8]?.usage, {...usage, total_tokens: 7})
    assert.deepEqual([statSync(path()).mode & 0o777, statSync(directory()).mode & 0o777], [0o600, 0o700])
    const ids = user.sessions().map(({id}) => `${String(id)}\n`.repeat(2))
    assert.deepEqual(readFileSync(join(user.home, '.clinvk/history/pending'), 'utf8'), ids.join(''))
  })

  it('is kept in part where a tool or an answer says too much, which is told there', async () => {
    const output = 'x'.repeat(70_000)
    willSay(
      user,
      {type: 'tool_result', id: 'c', output, is_error: false},
      {type: 'text', text: 'y'.repeat(1_050_000)},
    )
    await ends(user.clinvk(['hi']), {code: 0})
    const [, , tool, answer] = lines()
    assert.match(String(tool?.output), /^x{65536}\n\[4,464 more characters are not kept\]$/)
    assert.match(String(answer?.text), /y\n\[1,424 more characters are not kept\]$/)
  })

  it('is whole again after half a line that a killed clinvk has left', async () => {
    willSay(user)
    await user.clinvk(['hi'])
    appendFileSync(path(), '{"type":"text","ti')
    await user.clinvk(['-c', 'go'])
    const [torn, next] = readFileSync(path(), 'utf8').split('\n').slice(-5)
    assert.deepEqual([torn, /^\{"type":"turn".*\}$/.test(next!)], ['{"type":"text","ti', true])
  })

  it('is deleted with its session by sessions clean', async () => {
    willSay(user)
    await user.clinvk(['hi'])
    const [session] = user.sessions()
    storeSession(user, String(session!.id), {...session, last_used: '2026-01-01T00:00:00Z'})
    await ends(user.clinvk('sessions clean --older-than 1m'), {code: 0})
    assert.deepEqual(readdirSync(directory()), [])
  })
})
