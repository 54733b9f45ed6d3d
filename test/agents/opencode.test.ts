import assert from 'node:assert/strict'
import {existsSync, readdirSync, readFileSync, statSync} from 'node:fs'
import {join} from 'node:path'
import {result, sentBy, withOpencode} from '../support/agent-user.js'

/** What is opencode's alone; what holds for all agents is in `test/agents/promises`. */
describe('a turn of opencode', () => {
  const opencode = withOpencode()
  const turn = async (words: readonly string[], env: Record<string, string> = {}) =>
    result(await opencode.user.clinvk([...words, '-o', 'json'], {env}))
  const write = (name: string) => ({
    name: 'write',
    input: {filePath: join(opencode.user.project, name), content: 'x'},
  })
  const bash = (command: string) => ({name: 'bash', input: {command, description: 'as asked'}})

  it('does not do what the user has denied, whatever clinvk allows', async () => {
    const {server, user} = opencode
    user.configure({
      permission: {edit: {'*': 'ask', '*.lock': 'deny'}, bash: {'*': 'ask', 'touch secret*': 'deny'}},
    })
    const tools = [write('a.txt'), write('b.lock'), bash('touch c.txt'), bash('touch secret.txt')]
    server.when('work', {tools}, {text: 'done'})
    const words = ['do the work', '--approval-mode', 'auto', '--allowed-tools', 'bash(touch *)']
    const {denials} = await turn(words)
    assert.deepEqual(readdirSync(user.project).sort(), ['a.txt', 'c.txt'])
    assert.deepEqual(denials.map(({allow, target}) => [target, allow]).sort(), [
      [join(user.project, 'b.lock'), undefined],
      ['touch secret.txt', undefined],
    ])
  })

  it('has the agent that the user has made the default, with what clinvk adds', async () => {
    const {server, user} = opencode
    const agent = {mode: 'primary', model: 'invented/model-c', prompt: 'You are Anna.'}
    user.configure({permission: {edit: 'ask', bash: 'ask'}, default_agent: 'anna', agent: {anna: agent}})
    server.when('write', {tools: [write('a.txt')]}, {text: 'done'})
    const {denials, model} = await turn(['write', '--approval-mode', 'auto'])
    assert.deepEqual(
      [denials, model, existsSync(join(user.project, 'a.txt'))],
      [[], 'invented/model-c', true],
    )
    assert.ok(server.calls[0]!.system.startsWith('You are Anna.'))
  })

  it("keeps the user's settings of the environment, and gives tools the environment as it was", async () => {
    const {server} = opencode
    const settings = JSON.stringify({model: 'invented/model-b', experimental: {batch_tool: false}})
    server.when('look', {
      tools: [bash('env | grep -E "OPENCODE_C|OPENCODE_L|BUN_|CLINVK_O|secret"; echo end')],
    })
    const {model} = await turn(['look', '--allowed-tools', 'bash'], {OPENCODE_CONFIG_CONTENT: settings})
    assert.equal(model, 'invented/model-b')
    const [seen] = server.calls.at(-1)!.turns.flatMap(({toolResults}) => toolResults)
    assert.equal(seen!.text.trim(), `OPENCODE_CONFIG_CONTENT=${settings}\nend`)
  })

  it('leaves nothing of an ephemeral prompt, and nothing big in TMPDIR', async () => {
    const {server, user} = opencode
    server.when('whispered', {tools: [bash('echo secret-of-a-tool')]}, {text: 'heard'})
    await turn(['whispered words', '--ephemeral', '--allowed-tools', 'bash'])
    await turn(['remembered words'])
    const having = (text: string) =>
      user.files().filter((path) => readFileSync(path, 'latin1').includes(text))
    assert.deepEqual([having('whispered'), having('secret-of-a-tool')], [[], []])
    // Its database, and what clinvk keeps itself; not its log.
    for (const path of having('remembered')) assert.match(path, /opencode\.db|\.clinvk/)
    const tmp = join(user.home, 'tmp')
    assert.deepEqual(
      readdirSync(tmp).filter((name) => statSync(join(tmp, name)).isFile() || name.startsWith('clinvk-')),
      [],
    )
  })

  it('counts what sub-agents use, and tells what they were denied', async () => {
    const {server, user} = opencode
    const input = {description: 'look', prompt: 'sub work', subagent_type: 'general'}
    server.when('delegate', {tools: [{name: 'task', input}]}, {text: 'delegated'})
    server.when('sub work', {tools: [bash('touch x')]}, {text: 'sub done'})
    const {content, denials, usage} = await turn(['delegate'])
    assert.equal(content, 'delegated')
    const sent = sentBy(server)
    assert.deepEqual([usage?.input_tokens, usage?.output_tokens], [sent.input_tokens, sent.output_tokens])
    assert.deepEqual(denials, [{tool: 'bash', target: 'touch x'}])
    assert.equal(user.conversationIds().length, 2)
    const {code} = await user.clinvk(['sessions', 'delete', '@last', '--agent'])
    assert.deepEqual([code, user.conversationIds()], [0, []])
  })

  it('tries again as often as it is told, and its answer is without what was broken off', async () => {
    const {server, user} = opencode
    const answer = {text: 'A whole answer.'}
    server.when('break', {text: 'Another beginning.', chunks: 2, cut: true, failTimes: 1, then: answer})
    const {content} = await turn(['break'])
    assert.equal(content, 'A whole answer.')
    user.setRetries('none')
    server.when('fail', {status: 503, message: 'Overloaded'})
    const {error, outcome} = await turn(['fail'])
    assert.deepEqual([outcome, error?.message], ['failed', 'Provider is overloaded'])
    assert.equal(server.calls.filter(({prompt}) => prompt === 'fail').length, 1)
  })

  it('ends when the model says nothing, which opencode alone would not', async () => {
    opencode.server.otherwise({empty: true})
    const {error, outcome} = await turn(['say something'])
    assert.deepEqual([outcome, error?.message], ['failed', 'The model answered nothing, ten times in a row.'])
    assert.equal(opencode.server.calls.length, 10)
  })

  it('that opencode does not take over leaves nothing of it, of which opencode itself would keep a half', async function () {
    // opencode starts four times.
    this.timeout(240_000)
    const {server, user} = opencode
    await user.clinvk(['-b', 'echo', 'one'])
    const script = `[ "$1" = import ] && sed -i 's/"mode":"build",//' "$2"`
    user.installProgram('opencode', `${script}\nPATH=${user.env.PATH} exec opencode "$@"`)
    const {error, exit_code: code} = await turn(['fork', '@last', '-b', 'opencode', 'two'])
    assert.equal(code, 4)
    assert.match(error!.message, /^The conversation cannot be handed to OpenCode: Missing key at \["mode"]$/)
    assert.deepEqual([user.conversationIds(), server.calls], [[], []])
  })
})
