import assert from 'node:assert/strict'
import type {TurnResult} from 'clinvk-kit/turn/result'
import type {SessionFile} from 'clinvk-plugin-sessions/store/session-file'
import {EveryAgent, withEveryAgent} from '../support/agent-user.js'
import {type ModelServer, startModelServer} from '../support/model-server/index.js'
import {type Finished, json} from '../support/sandbox.js'
import {textOf} from '../support/text-of.js'

type Result = Partial<Omit<TurnResult, 'error'>> & {output?: string; error?: string; error_kind?: string}

interface Report {
  run_id: string
  completed: number
  failed: number
  cancelled: number
  results: Result[]
}

/** Real claude, codex and gemini at work in one run, against the model server. */
describe('a run of real agents', () => {
  describe('parallel: eight tasks at once', () => {
    const BOOK = textOf(5_000_000)
    const TASKS = [
      {name: 'one', prompt: 'first', backend: 'claude'},
      {name: 'hanging', prompt: 'never end', backend: 'codex', timeout: '10s'},
      {name: 'three', prompt: 'third', backend: 'gemini', model: 'fast'},
      {name: 'long', prompt: 'write a book', backend: 'codex'},
      {name: 'failing', prompt: 'break', backend: 'gemini', model: 'fast'},
      {name: 'six', prompt: 'sixth', backend: 'claude'},
      {name: 'seven', prompt: 'seventh', backend: 'gemini', model: 'fast'},
      {name: 'eight', prompt: 'eighth', backend: 'codex'},
    ]
    let server: ModelServer
    let user: EveryAgent
    let finished: Finished
    let report: Report
    let left: number[]
    before(async () => {
      server = await startModelServer()
      user = new EveryAgent(server.url)
      server.when('never end', {hang: 'headers'})
      server.when('write a book', {text: BOOK})
      server.when('break', {status: 500, message: 'the model is on fire'})
      finished = await user.clinvk(['parallel', '--json', '--max-parallel', '8'], {
        stdin: JSON.stringify({tasks: TASKS}),
      })
      left = user.processes()
      report = reportOf(finished)
    })
    after(async () => {
      user.remove()
      await server.close()
    })

    it('ends with exit 1 and counts, and leaves no process', () => {
      const {cancelled, completed, failed} = report
      assert.deepEqual({completed, failed, cancelled}, {completed: 6, failed: 2, cancelled: 0})
      assert.deepEqual([finished.code, finished.stderr, left], [1, '', []])
    })

    it('tells what became of each, in the order of the tasks', () => {
      assert.deepEqual(
        report.results.map(({backend, error, error_kind: kind, exit_code: code, outcome}) =>
          [backend, outcome, code, kind, error].filter((part) => part !== undefined).join(' '),
        ),
        [
          'claude success 0',
          'codex timeout 6 timeout Codex did not finish within 10s.',
          'gemini success 0',
          'codex success 0',
          'gemini failed 1 agent 500 the model is on fire',
          'claude success 0',
          'gemini success 0',
          'codex success 0',
        ],
      )
    })

    it('gives the whole answer of each that succeeded, 5 MB of it, too', () => {
      const outputs = report.results.map(({output}) => output)
      const said = (prompt: string) => `You said: ${prompt} | turns=1 | seen: [${prompt}]`
      assert.ok(outputs[3] === BOOK, `${outputs[3]?.length} characters`)
      outputs[3] = 'the book'
      assert.deepEqual(outputs, [
        said('first'),
        undefined,
        said('third'),
        'the book',
        undefined,
        said('sixth'),
        said('seventh'),
        said('eighth'),
      ])
    })

    it('makes each a session of the run, which can be resumed', async () => {
      const sessions = await sessionsOf(user, report)
      assert.deepEqual(
        sessions.map(({id, backend, title, status}) => [id, backend, title, status]),
        report.results.map(({backend, outcome, session_id: id}, index) => [
          id,
          backend,
          TASKS[index]!.name,
          outcome === 'success' ? 'active' : outcome === 'timeout' ? 'paused' : 'error',
        ]),
      )
      const succeeded = sessions.filter(({status}) => status === 'active')
      assert.ok(succeeded.every(({resumable}) => resumable))
      const {content} = json(await user.clinvk(['resume', report.results[7]!.session_id!, 'more', '--json']))
      assert.equal(content, 'You said: more | turns=2 | seen: [eighth] [more]')
    })
  })

  describe('chain: claude, codex, gemini, and claude again', () => {
    // Codex alone waits at its end until a long answer has been read, so that is its part. Gemini takes 4,000,000
    // characters, the least after codex itself.
    const POEM = textOf(50_000)
    const STORY = textOf(3_999_000)
    const STEPS = [
      {name: 'poem', prompt: 'write a poem', backend: 'claude'},
      {name: 'story', prompt: 'make it a story: {{previous}}', backend: 'codex'},
      {name: 'title', prompt: 'find a title: {{previous}}', backend: 'gemini', model: 'fast'},
      {name: 'verdict', prompt: 'judge {{previous}}: {{steps.story.output}}', backend: 'claude'},
    ]
    let server: ModelServer
    let user: EveryAgent
    let finished: Finished
    let report: Report
    before(async () => {
      server = await startModelServer()
      user = new EveryAgent(server.url)
      server.when('write a poem', {text: POEM})
      server.when('make it a story: ', {text: STORY})
      server.when('find a title: ', {text: 'Lines'})
      server.when('judge Lines: ', {text: 'too long'})
      finished = await user.clinvk(['chain', '--json'], {
        stdin: JSON.stringify({steps: STEPS, pass_session_id: true}),
      })
      report = reportOf(finished)
    })
    after(async () => {
      user.remove()
      await server.close()
    })

    it('gives each the whole answer of the one before, as much as that agent takes', () => {
      assert.deepEqual(
        report.results.map(({backend, error, outcome}) => [backend, outcome, error]),
        STEPS.map(({backend}) => [backend, 'success', undefined]),
      )
      assert.equal(report.results[3]!.output, 'too long')
      const prompts = server.calls.map(({prompt}) => prompt)
      const expected = [
        'write a poem',
        `make it a story: ${POEM}`,
        `find a title: ${STORY}`,
        `judge Lines: ${STORY}`,
      ]
      assert.equal(prompts.length, expected.length)
      for (const [index, prompt] of expected.entries())
        assert.ok(prompts[index] === prompt, `step ${index + 1}: ${prompts[index]!.length} characters`)
    })

    it('goes on with the conversation of the same agent', async () => {
      const {prompts, turns} = server.calls.at(-1)!
      assert.deepEqual([prompts.length, prompts[0]], [2, 'write a poem'])
      const answer = turns.find(({role}) => role === 'assistant')!
      assert.ok(answer.text === POEM, `${answer.text.length} characters`)
      const ids = report.results.map(({session_id: id}) => id)
      assert.equal(ids[3], ids[0])
      const sessions = await sessionsOf(user, report)
      assert.deepEqual(
        sessions.map(({backend, turn_count: turns}) => [backend, turns]),
        [
          ['claude', 2],
          ['codex', 1],
          ['gemini', 1],
        ],
      )
      assert.deepEqual(user.processes(), [])
    })
  })

  describe('that is ended by Ctrl-C', () => {
    const machine = withEveryAgent()

    it('tells what there is, keeps the sessions of those that it ended, and leaves no process', async () => {
      const {server, user} = machine
      server.when('tell', {text: 'Once upon a time there was', hang: 'stream'})
      const tasks = [
        {prompt: 'quick', backend: 'codex'},
        {prompt: 'tell one', backend: 'claude'},
        {prompt: 'tell two', backend: 'gemini', model: 'fast'},
        {prompt: 'tell three', backend: 'codex'},
        {prompt: 'not begun', backend: 'claude'},
      ]
      const running = user.start(['parallel', '--json', '--max-parallel', '3'], {
        stdin: JSON.stringify({tasks}),
      })
      await Promise.all(['one', 'two', 'three'].map((which) => server.arrived(`tell ${which}`)))
      running.child.kill('SIGINT')
      const finished = await running.finished
      const report = reportOf(finished)
      const {cancelled, completed, failed} = report
      assert.deepEqual(
        {code: finished.code, completed, failed, cancelled},
        {code: 130, completed: 1, failed: 0, cancelled: 4},
      )
      assert.deepEqual(
        report.results.map(({backend, exit_code: code, outcome}) => [backend, outcome, code]),
        [
          ['codex', 'success', 0],
          ['claude', 'cancelled', 130],
          ['gemini', 'cancelled', 130],
          ['codex', 'cancelled', 130],
          ['claude', 'cancelled', 130],
        ],
      )
      const sessions = await sessionsOf(user, report)
      assert.deepEqual(
        sessions.map(({backend, status}) => [backend, status]),
        [
          ['codex', 'active'],
          ['claude', 'paused'],
          ['gemini', 'paused'],
          ['codex', 'paused'],
        ],
      )
      assert.deepEqual(user.processes(), [])
    })
  })
})

function reportOf(finished: Finished): Report {
  return json(finished) as unknown as Report
}

/** The sessions of a run as they are listed, in the order of its tasks. */
async function sessionsOf(user: EveryAgent, {run_id: run}: Report): Promise<ListedSession[]> {
  const {sessions} = json(await user.clinvk(['sessions', 'list', '--run', run, '--json'])) as {
    sessions: ListedSession[]
  }
  return sessions.sort((a, b) => a.run!.task - b.run!.task)
}

type ListedSession = SessionFile & {resumable: boolean}
