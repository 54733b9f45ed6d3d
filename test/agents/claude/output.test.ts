import assert from 'node:assert/strict'
import {result, withClaude} from '../../support/claude-sandbox.js'
import {jsonLines} from '../../support/sandbox.js'

describe('what clinvk prints of claude', () => {
  const claude = withClaude()

  it('as stream-json of a turn that fails ends with done, too', async () => {
    const {server, user} = claude
    server.otherwise({status: 400})
    const finished = await user.clinvk(['hello', '-o', 'stream-json'])
    const events = jsonLines(finished)
    assert.deepEqual([finished.code, events[0]?.version], [1, 1])
    assert.deepEqual(
      events.filter(({type}) => type === 'done').map(({exit_code: code}) => code),
      [1],
    )
    assert.equal(events.at(-1)?.type, 'done')
  })

  it('as JSON is one object, also for a turn that never began', async () => {
    const {user} = claude
    const nowhere = {PATH: user.directory('empty')}
    for (const [words, env, kind] of [
      [['--sandbox-mode', 'workspace'], {}, 'refused'],
      [['--max-turns', 'many'], {}, 'usage'],
      [['--continue'], {}, 'session'],
      [[], nowhere, 'unavailable'],
    ] as const) {
      const {error} = result(await user.clinvk(['--json', ...words, 'hello'], {env}))
      assert.equal(error?.kind, kind)
    }
  })

  it("with --raw is claude's own stream", async () => {
    const {user} = claude
    const lines = jsonLines(await user.clinvk(['hello', '--raw']))
    assert.deepEqual([lines[0]?.type, lines[0]?.subtype], ['system', 'init'])
    assert.equal(lines.at(-1)?.type, 'result')
    assert.equal(user.session().last_outcome, 'success')
  })

  it('may be left unread: the turn is finished and kept', async () => {
    const {server, user} = claude
    // claude 2.1.197 exits some 10 ms after its last line, read or not; so much of it stays in the pipe till it is read.
    const lines = Array.from({length: 5000}, (_, line) => `line ${line}`).join('\n')
    server.when('tell', {text: lines, chunks: 50, chunkMs: 10})
    const head = await user.run('sh', ['-c', 'clinvk "tell me" | head -1'], {
      env: {PATH: user.pathWithClinvk()},
    }).finished
    assert.deepEqual([head.stdout, head.stderr], ['line 0\n', ''])
    const {last_outcome: outcome, token_usage: usage} = user.session()
    assert.deepEqual([outcome, usage?.output_tokens], ['success', server.usage().output])
  })
})
