import assert from 'node:assert/strict'
import type {SessionFile} from 'clinvk-plugin-sessions/store/session-file'
import {type EveryAgent, withEveryAgent} from '../support/agent-user.js'
import {type Report, reportOf} from '../support/runs.js'
import {json} from '../support/sandbox.js'
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
})

/** The sessions of a run as they are listed, in the order of its tasks. */
async function sessionsOf(user: EveryAgent, {run_id: run}: Report): Promise<SessionFile[]> {
  const {sessions} = json(await user.clinvk(['sessions', 'list', '--run', run, '--json']))
  return (sessions as SessionFile[]).sort((a, b) => a.run!.task - b.run!.task)
}
