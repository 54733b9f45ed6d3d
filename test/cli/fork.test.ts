import assert from 'node:assert/strict'
import {existsSync, readdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {CliUser} from '../support/cli-user.js'
import {linkKeeperAgent} from '../support/keeper-agent.js'
import {ends} from '../support/sandbox.js'
import {scenes} from '../support/scenes.js'
import {storeSession} from '../support/stored-session.js'

/** `keeper` forks by itself; `scribe` takes conversations of others, and can be told how much. */
describe('clinvk fork', () => {
  const user = new CliUser().forEachTest()
  beforeEach(() => {
    linkKeeperAgent(user)
    linkKeeperAgent(user, 'scribe', {title: 'Scribe', capabilities: {resume: true}})
  })

  const ask = (...words: string[]) => user.ask(...words)
  const recordsOf = (agent: string) => {
    const directory = join(user.home, `.${agent}`)
    return existsSync(directory) ? readdirSync(directory).map((name) => join(directory, name)) : []
  }
  const session = (id: string) => user.sessions().find((one) => one.id === id)!
  const sessionFile = (id: string) => readFileSync(join(user.home, `.clinvk/sessions/${id}.json`), 'utf8')
  const settings = (text: string) => user.write('.clinvk/config.yaml', text)

  scenes(user, 'fork')

  it('continues a copy that the agent makes, and leaves the session as it is', async () => {
    const parent = await ask('-b', 'keeper', 'one apple')
    await ask('-c', 'two pears')
    const id = parent.session_id
    const [record = ''] = recordsOf('keeper')
    const before = [readFileSync(record, 'utf8'), sessionFile(id)]
    const fork = await ask('fork', id, 'three plums', '--name', 'plums', '--tag', 'try')
    assert.equal(fork.content, 'I know: one apple, two pears, three plums')
    assert.deepEqual([readFileSync(record, 'utf8'), sessionFile(id)], before)
    const {backend, forked_at, name, parent_id, tags, title, token_usage, turn_count} = session(
      fork.session_id,
    )
    assert.deepEqual(
      {backend, forked_at, name, parent_id, tags, title, turn_count, token_usage},
      {
        backend: 'keeper',
        forked_at: 2,
        name: 'plums',
        parent_id: id,
        tags: ['try'],
        title: 'three plums',
        turn_count: 1,
        token_usage: {input_tokens: 100, output_tokens: 10},
      },
    )
    assert.equal((await ask('resume', id, 'four figs')).content, 'I know: one apple, two pears, four figs')
    assert.match((await ask('resume', 'plums', 'five')).content, /three plums, five$/)
  })

  it('leaves out the oldest turns beyond the limits, and cuts a last turn that is too long', async () => {
    settings('handoff:\n  max_tokens: 100\n')
    const {session_id: id} = await ask('-b', 'keeper', 'a'.repeat(150))
    await ask('-c', 'b'.repeat(20))
    const some = await ask('fork', id, '-b', 'scribe', 'next')
    assert.match(some.stderr, /Carried 2 of 4 messages .* 2 older ones were left out\./)
    await ask('-b', 'keeper', 'c'.repeat(5000))
    const cut = await ask('fork', '@last:keeper', '-b', 'scribe', 'next')
    assert.match(cut.stderr, /Carried 2 messages .*; 9,\d{3} characters were cut out of the last turn\./)
    linkKeeperAgent(user, 'scribe', {limits: {contextTokens: 20}, capabilities: {resume: true}})
    assert.match((await ask('fork', id, '-b', 'scribe', 'next')).stderr, /about [12]\d tokens/)
  })

  it('carries no megabytes that a tool gave', async () => {
    const id = storeSession(user, 'abc123', {backend: 'keeper'})
    const lines = [
      {type: 'turn', prompt: 'read it'},
      {type: 'tool_call', id: '1', name: 'read', input: {path: 'big.txt'}},
      {type: 'tool_result', id: '1', output: 'x'.repeat(10_000_000), is_error: true},
      {type: 'text', text: 'It is big.'},
    ]
    const time = '2026-01-31T09:30:00Z'
    user.write(
      `.clinvk/transcripts/${id}.jsonl`,
      lines.map((line) => `${JSON.stringify({time, ...line})}\n`).join(''),
    )
    await ask('fork', id, '-b', 'scribe', 'so?')
    const record = readFileSync(recordsOf('scribe')[0]!, 'utf8')
    assert.ok(record.length < 3000, String(record.length))
    assert.match(record, /Used the tool read on `big\.txt`, which failed: `x{400}…`\.\)/)
  })

  it('starts nothing and leaves nothing where what it wrote is not what it reads, or is there already', async () => {
    const {session_id: id} = await ask('-b', 'keeper', 'one apple')
    const module = join(user.home, 'plugins/clinvk-backend-scribe/index.js')
    const code = readFileSync(module, 'utf8')
    for (const [change, why] of [
      ["{type: 'text', ...message, text: 'other'}", 'message 1 is not in its record as it was written'],
      ["{type: 'reasoning', ...message}", 'its record has 0 of 2 messages'],
    ] as const) {
      // A module is imported once in a process.
      const other = `scribe-${why.length}`
      linkKeeperAgent(user, other, {capabilities: {resume: true}})
      writeFileSync(
        join(user.home, `plugins/clinvk-backend-${other}/index.js`),
        code.replace("{type: 'text', ...message}", change),
      )
      await ends(user.clinvk(['fork', id, '-b', other, 'x']), {
        code: 4,
        stdout: '',
        stderr: new RegExp(`The conversation cannot be handed to Keeper: ${why}`),
      })
      assert.deepEqual(recordsOf(other), [])
    }
  })

  it('is forked again by resume where its agent refused the copy, with both prompts', async () => {
    const {session_id: id} = await ask('-b', 'keeper', 'one apple')
    const agent = join(user.home, 'plugins/clinvk-backend-scribe/agent.js')
    const code = readFileSync(agent, 'utf8')
    writeFileSync(agent, `console.error('no such conversation'); process.exit(4)`)
    await ends(user.clinvk(['fork', id, '-b', 'scribe', 'two pears']), {code: 4})
    assert.deepEqual(recordsOf('scribe'), [])
    writeFileSync(agent, code)
    const fork = user.sessions().find((one) => one.parent_id === id)!
    const again = await ask('resume', String(fork.id), 'three')
    assert.equal(again.content, 'I know: one apple, two pears\n\nthree')
    assert.equal(session(String(fork.id)).parent_id, id)
  })

  it('fails where the agent makes no copy, and does not take the conversation of its parent for its own', async () => {
    const {backend_session_id: theirs, session_id: id} = await ask('-b', 'keeper', 'one apple')
    const agent = join(user.home, 'plugins/clinvk-backend-keeper/agent.js')
    const code = readFileSync(agent, 'utf8')
    writeFileSync(agent, code.replace('copy ?? asked', 'asked').replace("kind === 'fork'", 'false'))
    const stderr = RegExp(`did not fork the conversation ${theirs}`)
    await ends(user.clinvk(['fork', id, 'two pears']), {code: 4, stderr})
    const fork = user.sessions().find((one) => one.parent_id === id)!
    assert.equal(fork.backend_session_id, undefined)
  })
})
