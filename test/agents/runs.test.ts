import assert from 'node:assert/strict'
import type {SessionFile} from 'clinvk-plugin-sessions/store/session-file'
import {type EveryAgent, withEveryAgent} from '../support/agent-user.js'
import {type Report, reportOf} from '../support/runs.js'
import {each, json} from '../support/sandbox.js'
import {textOf} from '../support/text-of.js'

/** Real claude, codex and gemini at work in one run, against the model server. */
describe('a run of real agents', () => {
  const machine = withEveryAgent()

  it('parallel: gives the results of eight tasks at once in their order, each a session', async () => {
    const {server, user} = machine
    const book = textOf(5_000_000)
    server.when('never end', {hang: 'headers'})
    server.when('write a book', {text: book})
    server.when('break', {status: 500, message: 'the model is on fire'})
    const tasks = [
      {name: 'one', prompt: 'first', backend: 'claude'},
      {name: 'hanging', prompt: 'never end', backend: 'codex', timeout: '10s'},
      {name: 'three', prompt: 'third', backend: 'gemini', model: 'fast'},
      {name: 'long', prompt: 'write a book', backend: 'codex'},
      {name: 'failing', prompt: 'break', backend: 'gemini', model: 'fast'},
      {name: 'six', prompt: 'sixth', backend: 'claude'},
      {name: 'seven', prompt: 'seventh', backend: 'gemini', model: 'fast'},
      {name: 'eight', prompt: 'eighth', backend: 'codex'},
    ]
    const finished = await user.clinvk(['parallel', '--json', '--max-parallel', '8'], {
      stdin: JSON.stringify({tasks}),
    })
    assert.deepEqual([finished.code, finished.stderr, user.processes()], [1, '', []])
    const report = reportOf(finished)
    const {cancelled, completed, failed, results} = report
    assert.deepEqual({completed, failed, cancelled}, {completed: 6, failed: 2, cancelled: 0})
    const said = (prompt: string) => `success 0 You said: ${prompt} | turns=1 | seen: [${prompt}]`
    assert.deepEqual(
      (results as Record<string, string | undefined>[]).map(({error, exit_code: code, outcome, output}) =>
        [outcome, code, error, output === book ? 'the book' : output]
          .filter((part) => part !== undefined)
          .join(' '),
      ),
      [
        said('first'),
        'timeout 6 Codex did not finish within 10s.',
        said('third'),
        'success 0 the book',
        'failed 1 500 the model is on fire',
        said('sixth'),
        said('seventh'),
        said('eighth'),
      ],
    )
    const sessions = await sessionsOf(user, report)
    assert.deepEqual(
      sessions.map(({id, backend, title, status}) => [id, backend, title, status]),
      results.map(({outcome, session_id: id}, index) => [
        id,
        tasks[index]!.backend,
        tasks[index]!.prompt,
        outcome === 'success' ? 'active' : outcome === 'timeout' ? 'paused' : 'error',
      ]),
    )
    const words = ['resume', String(results[7]!.session_id), 'more', '--json']
    assert.equal(json(await user.clinvk(words)).content, 'You said: more | turns=2 | seen: [eighth] [more]')
  })

  it('chain: gives each step the whole answer before it, and continues the conversation of the same agent', async () => {
    const {server, user} = machine
    // Gemini accepts 4,000,000 characters, the least after codex. Codex waits until its long answer has been read.
    const poem = textOf(50_000)
    const story = textOf(3_999_000)
    server.when('write a poem', {text: poem})
    server.when('make it a story: ', {text: story})
    server.when('find a title: ', {text: 'Lines'})
    server.when('judge Lines: ', {text: 'too long'})
    const steps = [
      {name: 'poem', prompt: 'write a poem', backend: 'claude'},
      {name: 'story', prompt: 'make it a story: {{previous}}', backend: 'codex'},
      {name: 'title', prompt: 'find a title: {{previous}}', backend: 'gemini', model: 'fast'},
      {name: 'verdict', prompt: 'judge {{previous}}: {{steps.story.output}}', backend: 'claude'},
    ]
    const stdin = JSON.stringify({steps, pass_session_id: true})
    const report = reportOf(await user.clinvk(['chain', '--json'], {stdin}))
    assert.deepEqual(each(report, 'error'), [undefined, undefined, undefined, undefined])
    assert.equal(report.results[3]!.output, 'too long')
    const prompts = server.calls.map(({prompt}) => prompt)
    const expected = [
      'write a poem',
      `make it a story: ${poem}`,
      `find a title: ${story}`,
      `judge Lines: ${story}`,
    ]
    assert.equal(prompts.length, expected.length)
    for (const [index, prompt] of expected.entries())
      assert.ok(prompts[index] === prompt, `step ${index + 1}: ${prompts[index]!.length} characters`)

    const last = server.calls.at(-1)!
    assert.deepEqual([last.prompts.length, last.prompts[0]], [2, 'write a poem'])
    const answer = last.turns.find(({role}) => role === 'assistant')!
    assert.ok(answer.text === poem, `${answer.text.length} characters`)
    const sessions = await sessionsOf(user, report)
    assert.deepEqual(
      sessions.map(({backend, turn_count: turns}) => `${backend} ${turns}`),
      ['claude 2', 'codex 1', 'gemini 1'],
    )
    assert.deepEqual(user.processes(), [])
  })

  it('that is ended by Ctrl-C reports what there is, keeps the sessions, and leaves no process', async () => {
    const {server, user} = machine
    server.when('tell', {text: 'Once upon a time there was', hang: 'stream'})
    const tasks = [
      {prompt: 'quick', backend: 'codex'},
      {prompt: 'tell one', backend: 'claude'},
      {prompt: 'tell two', backend: 'gemini', model: 'fast'},
      {prompt: 'tell three', backend: 'codex'},
      {prompt: 'not started', backend: 'claude'},
    ]
    const running = user.start(['parallel', '--json', '--max-parallel', '3'], {
      stdin: JSON.stringify({tasks}),
    })
    await Promise.all(['one', 'two', 'three'].map((which) => server.arrived(`tell ${which}`)))
    running.child.kill('SIGINT')
    const report = reportOf(await running.finished)
    const {cancelled, code, completed, failed} = report
    assert.deepEqual({code, completed, failed, cancelled}, {code: 130, completed: 1, failed: 0, cancelled: 4})
    assert.deepEqual(each(report, 'exit_code'), [0, 130, 130, 130, 130])
    const sessions = await sessionsOf(user, report)
    assert.deepEqual(
      sessions.map(({backend, status}) => `${backend} ${status}`),
      ['codex active', 'claude paused', 'gemini paused', 'codex paused'],
    )
    assert.deepEqual(user.processes(), [])
  })
})

/** The sessions of a run as they are listed, in the order of its tasks. */
async function sessionsOf(user: EveryAgent, {run_id: run}: Report): Promise<SessionFile[]> {
  const {sessions} = json(await user.clinvk(['sessions', 'list', '--run', run, '--json']))
  return (sessions as SessionFile[]).sort((a, b) => a.run!.task - b.run!.task)
}
