import assert from 'node:assert/strict'
import {result, withClaude} from '../support/claude-sandbox.js'
import {jsonLines} from '../support/sandbox.js'

describe('what clinvk prints of claude', () => {
  const claude = withClaude()

  it('as text is the answer and nothing else', async () => {
    const {server, user} = claude
    server.when('use', {thinking: 'hm', text: 'First.', tools: [ECHO]}, {thinking: 'hm', text: 'Then.\n'})
    const {code, stderr, stdout} = await user.clinvk(['use a tool'])
    assert.deepEqual([code, stdout, stderr], [0, 'First.\n\nThen.\n', ''])
  })

  it('as stream-json is one stream of events with a begin and an end', async () => {
    const {server, user} = claude
    server.when('use', {thinking: 'hm', text: 'First.', tools: [ECHO, ECHO]}, {text: 'Then.'})
    const finished = await user.clinvk(['use a tool', '-o', 'stream-json'])
    const events = jsonLines(finished)
    assert.equal(events[0]?.version, 1)
    for (const {time, type} of events) {
      assert.equal(typeof type, 'string')
      assert.equal(new Date(String(time)).toISOString(), time)
    }

    const ofType = (wanted: string) => events.filter(({type}) => type === wanted)
    assert.deepEqual([ofType('done').length, events.at(-1)?.type], [1, 'done'])
    assert.deepEqual([ofType('session').length, ofType('unparsed').length], [1, 0])
    assert.equal(ofType('session')[0]!.session_id, user.session().id)
    assert.equal(ofType('tool_call').length, 2)
    // Several at once may end in any order.
    const ids = (type: string) =>
      ofType(type)
        .map(({id}) => String(id))
        .sort()
    assert.deepEqual(ids('tool_call'), ids('tool_result'))
    assert.equal(ofType('tool_result')[0]!.output, 'hi')
    const said = ofType('text').map(({text}) => text)
    assert.ok(said.length > 2)
    assert.equal(said.join(''), ofType('done')[0]!.content)
    assert.equal(
      ofType('reasoning')
        .map(({text}) => text)
        .join(''),
      'hm',
    )
  })

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
    const lines = Array.from({length: 20_000}, (_, line) => `line ${line}`).join('\n')
    server.when('tell', {text: lines, chunks: 50})
    const head = await user.run('sh', ['-c', 'clinvk "tell me" | head -1'], {
      env: {PATH: user.pathWithClinvk()},
    }).finished
    assert.deepEqual([head.stdout, head.stderr], ['line 0\n', ''])
    const {last_outcome: outcome, token_usage: usage} = user.session()
    assert.deepEqual([outcome, usage?.output_tokens], ['success', server.usage().output])
  })
})

const ECHO = {name: 'Bash', input: {command: 'echo hi'}}
