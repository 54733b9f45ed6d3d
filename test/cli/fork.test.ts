import assert from 'node:assert/strict'
import {existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {identify} from 'clinvk-kit/process/identity'
import {CliUser} from '../support/cli-user.js'
import {linkKeeperAgent} from '../support/keeper-agent.js'
import {each, ends, json} from '../support/sandbox.js'
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

  it('continues from the end of an earlier turn', async () => {
    const {session_id: id} = await ask('-b', 'keeper', 'one apple')
    await ask('-c', 'two pears')
    const fork = await ask('fork', id, '--at', '1', 'three plums')
    assert.equal(fork.content, 'I know: one apple, three plums')
    assert.match(fork.stderr, /Note: Carried 2 messages from keeper to keeper \(about 8 tokens\)\./)
    assert.equal(session(fork.session_id).forked_at, 1)
  })

  it('hands the conversation to another agent, with its tools in sentences, and says what was carried', async () => {
    const {session_id: id} = await ask('-b', 'keeper', 'look auth.go')
    const fork = await ask('fork', id, '-b', 'scribe', 'and now?')
    assert.equal(fork.content, 'I know: look auth.go, and now?')
    assert.match(fork.stderr, /^Note: Carried 2 messages from keeper to scribe \(about \d+ tokens\)\./)
    const [record = ''] = recordsOf('scribe')
    const [about, prompt, answer] = readFileSync(record, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object)
    assert.deepEqual({...about, at: ''}, {cwd: user.project, title: 'look auth.go', at: ''})
    assert.deepEqual({...prompt, at: ''}, {type: 'text', role: 'user', text: 'look auth.go', at: ''})
    const text = '(Used the tool look on `auth.go`, which gave: `seen`.)\n\nI know: look auth.go'
    assert.deepEqual({...answer, at: ''}, {type: 'text', role: 'assistant', text, at: ''})
    const {backend, parent_id} = session(fork.session_id)
    assert.deepEqual({backend, parent_id}, {backend: 'scribe', parent_id: id})
    assert.match((await ask('resume', fork.session_id, 'go on')).content, /look auth.go, and now\?, go on$/)
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

  it('puts the conversation in front of the prompt where the agent takes no record, and keeps the prompt alone', async () => {
    const {session_id: id} = await ask('-b', 'keeper', 'one apple')
    const fork = await ask('fork', id, '-b', 'echo', 'and now?')
    assert.match(fork.stderr, /Carried 2 messages from keeper to echo .* as text in front of the prompt\./)
    assert.match(fork.content, /User: one apple\n\nAssistant: I know: one apple\n\n[^]*and now\?$/)
    assert.equal(session(fork.session_id).initial_prompt, 'and now?')
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

  it('carries what the agent has lost, from the archive or from what clinvk wrote', async () => {
    const {session_id: id} = await ask('-b', 'keeper', 'one apple')
    const [record = ''] = recordsOf('keeper')
    rmSync(record)
    const same = await ask('fork', id, 'two pears')
    assert.equal(same.content, 'I know: one apple, two pears')
    assert.match(same.stderr, /it is restored from the archive/)
    rmSync(record)
    rmSync(join(user.home, '.clinvk/archive'), {recursive: true})
    assert.equal((await ask('fork', id, '-b', 'scribe', 'three')).content, 'I know: one apple, three')
    await ends(user.clinvk(['fork', id, 'four']), {code: 4, stderr: /no such conversation/})
  })

  const us = identify(process.pid)
  for (const [what, fields, words, code, message] of [
    ['a turn that does not exist', {}, ['--at', '7', 'x'], 1, /has 1 turn, so there is no turn 7/],
    [
      'a conversation without a word',
      {id: 'e'.repeat(32)},
      ['-b', 'scribe', 'x'],
      4,
      /Nothing that was said in session/,
    ],
    ['a session whose turn runs', {running: {clinvk: us}}, ['x'], 4, /is in use/],
    ['an agent that does not exist', {}, ['-b', 'nope', 'x'], 2, /nope/],
    ['a name that is taken', {name: 'taken'}, ['--name', 'taken', 'x'], 1, /taken/],
    ['no prompt without a terminal', {}, [], 1, /There is no prompt/],
  ] as const) {
    it(`refuses ${what}`, async () => {
      const id = storeSession(user, 'abc123', {backend: 'keeper', backend_session_id: 'x', ...fields})
      if (!('id' in fields)) {
        const time = '2026-01-31T09:30:00Z'
        const said = [
          {type: 'turn', time, prompt: 'why?'},
          {type: 'text', time, text: 'Because.'},
        ]
        user.write(`.clinvk/transcripts/${id}.jsonl`, said.map((line) => JSON.stringify(line)).join('\n'))
      }

      const before = user.sessions().length
      await ends(user.clinvk(['fork', id, ...words]), {code, stdout: '', stderr: message})
      assert.deepEqual([recordsOf('scribe'), user.sessions().length], [[], before])
    })
  }

  it('writes nothing with --dry-run, and says what it would carry and where', async () => {
    const {session_id: id} = await ask('-b', 'keeper', 'one apple')
    const dry = json(await user.clinvk(['fork', id, '-b', 'scribe', '--dry-run', '--json', 'x'])) as {
      hand_off: {path: string}
    }
    const {path, ...counts} = dry.hand_off
    assert.deepEqual(counts, {from: 'keeper', to: 'scribe', messages: 2, carried: 2, tokens: 8})
    assert.match(path, /\.scribe\/[\w-]+\.jsonl$/)
    await ends(user.clinvk(['fork', id, '-b', 'scribe', '--dry-run', 'x']), {
      code: 0,
      stdout:
        /^Would carry 2 messages from keeper to scribe \(about 8 tokens\) to .*\.jsonl\nWould execute: /,
    })
    assert.deepEqual([recordsOf('scribe'), user.sessions().length], [[], 1])
  })

  it('is what resume names for another backend', async () => {
    const {session_id: id} = await ask('-b', 'keeper', 'one apple')
    await ends(user.clinvk(['resume', id, '-b', 'scribe', 'x']), {
      code: 1,
      stderr: new RegExp(`clinvk fork ${id.slice(0, 8)} -b scribe`),
    })
  })

  it('is shown by its parent, and below it in a tree', async () => {
    const {session_id: id} = await ask('-b', 'keeper', 'one apple')
    const {session_id: first} = await ask('fork', id, 'two pears')
    const {session_id: second} = await ask('fork', first, '-b', 'scribe', 'three plums')
    await ends(user.clinvk(['sessions', 'show', id]), {
      stdout: new RegExp(`Forks: +${first.slice(0, 8)} \\(keeper\\)`),
    })
    await ends(user.clinvk(['sessions', 'show', first]), {
      stdout: new RegExp(
        `Parent Session: +"?${id}, after turn 1"?\nForks: +${second.slice(0, 8)} \\(scribe\\)`,
      ),
    })
    assert.deepEqual(json(await user.clinvk(['sessions', 'show', first, '--json'])).forks, [second])
    await ends(user.clinvk(['sessions', 'list', '--tree']), {
      stdout: / one apple\n.* └─ two pears\n.* {4}└─ three plums\n/,
    })
  })

  it('shows every session in a tree, also those whose files name each other as parents', async () => {
    for (const [id, parent_id] of [
      ['aaaa1111', 'bbbb2222'],
      ['bbbb2222', 'aaaa1111'],
      ['cccc3333', 'gone'],
    ] as const)
      storeSession(user, id, {parent_id: parent_id.padEnd(32, '0'), forked_at: 1})
    await ends(user.clinvk(['sessions', 'list', '--tree']), {
      stdout: /^(?=[^]*aaaa1111)(?=[^]*bbbb2222)(?=[^]*cccc3333)/,
    })
  })

  it('gives each agent of compare a copy of the session', async () => {
    const {session_id: id} = await ask('-b', 'keeper', 'one apple')
    const {results} = json(
      await user.clinvk(['compare', '--from', id, '-b', 'keeper', '-b', 'scribe', '--json', 'what?']),
    ) as {
      results: {output: string; session_id: string}[]
    }
    assert.deepEqual(each(results, 'output'), Array(2).fill('I know: one apple, what?'))
    assert.deepEqual(
      results.map(({session_id}) => session(session_id).parent_id),
      [id, id],
    )
  })

  it('gives each agent of compare a copy of a conversation that an agent had alone, which becomes one session', async () => {
    const native = '759bf483-1111-4222-8333-444455556666'
    const said = {type: 'text', role: 'user', text: 'one apple', at: '2026-01-01T12:00:00.000Z'}
    const lines = [{cwd: user.project}, said].map((line) => JSON.stringify(line))
    user.write(`.keeper/${native}.jsonl`, `${lines.join('\n')}\n`)
    const words = ['compare', '--from', '759bf483', '-b', 'keeper', '-b', 'scribe', '--json', 'what?']
    await ends(user.clinvk([...words, '--dry-run']), {code: 0})
    assert.deepEqual(user.sessions(), [])
    const {stderr, ...finished} = await user.clinvk(words)
    const {results} = json({...finished, stderr}) as {results: {output: string; session_id: string}[]}
    assert.deepEqual(each(results, 'output'), Array(2).fill('I know: one apple, what?'))
    const adopted = user.sessions().find((one) => one.backend_session_id === native)
    assert.deepEqual(
      results.map(({session_id}) => session(session_id).parent_id),
      [adopted?.id, adopted?.id],
    )
    assert.equal(user.sessions().length, 3)
    assert.equal(stderr.match(/This conversation of keeper is session/g)?.length, 1, stderr)
  })

  it('lets each step of a chain continue the conversation of the one before, also of another agent', async () => {
    const steps = [
      {prompt: 'one', backend: 'keeper'},
      {prompt: 'two', backend: 'keeper'},
      {prompt: 'three', backend: 'scribe'},
    ]
    user.write('project/steps.json', JSON.stringify({pass_session: true, steps}))
    const {results} = json(await user.clinvk(['chain', '-f', 'steps.json', '--json'])) as {
      results: {output: string; session_id: string}[]
    }
    assert.equal(results[2]!.output, 'I know: one, two, three')
    assert.equal(results[0]!.session_id, results[1]!.session_id)
    assert.equal(session(results[2]!.session_id).parent_id, results[0]!.session_id)
  })

  it('makes a session of a conversation that an agent had without clinvk, and forks that', async () => {
    mkdirSync(join(user.home, '.keeper'))
    const id = '759bf483-f7e0-46ad-9907-301d22af6af5'
    const at = '2026-01-31T09:30:00Z'
    const lines = [{cwd: user.project}, {type: 'text', role: 'user', text: 'fix it'}]
    user.write(`.keeper/${id}.jsonl`, lines.map((line) => `${JSON.stringify({...line, at})}\n`).join(''))
    assert.equal((await ask('fork', id, 'and more')).content, 'I know: fix it, and more')
    assert.equal(user.sessions().length, 2)
  })

  it('keeps the record that forks of it need, unless they are deleted with it', async () => {
    const {backend_session_id: record, session_id: id} = await ask('-b', 'keeper', 'one apple')
    const {backend_session_id: other, session_id: fork} = await ask('-b', 'keeper', 'two pears')
    const [of, ofFork] = [record, other].map((name) => join(user.home, `.keeper/${name}.jsonl`))
    writeFileSync(ofFork!, `${JSON.stringify({cwd: user.project, parent: record})}\n`)
    const foreign = join(user.home, '.keeper/f0re19.jsonl')
    writeFileSync(foreign, `${JSON.stringify({cwd: user.project, parent: other})}\n`)
    await ends(user.clinvk(['sessions', 'delete', id, '--agent']), {
      code: 4,
      stdout: '',
      stderr: new RegExp(
        `the forks f0re19, ${fork.slice(0, 8)} .* delete ${id.slice(0, 8)} --agent --with-forks`,
        's',
      ),
    })
    assert.deepEqual([existsSync(of!), user.sessions().length], [true, 2])
    await ends(user.clinvk(['sessions', 'delete', id]), {code: 0, stdout: /stays/})
    assert.equal(existsSync(of!), true)
    storeSession(user, id, {backend: 'keeper', backend_session_id: record})
    const {deleted} = json(await user.clinvk(['sessions', 'delete', id, '--agent', '--with-forks', '--json']))
    assert.deepEqual(deleted, ['f0re19', fork, id])
    assert.deepEqual([recordsOf('keeper'), user.sessions()], [[], []])
  })
})
