import assert from 'node:assert/strict'
import {existsSync, readdirSync} from 'node:fs'
import {join} from 'node:path'
import {result, sentBy, withGemini} from '../support/agent-user.js'
import {recordOf} from '../support/record-of.js'
import {ends, jsonLines} from '../support/sandbox.js'

/** What is gemini's alone; what holds for all agents is in `test/agents/promises`. */
describe('a turn of gemini', () => {
  const gemini = withGemini()
  const turn = async (...words: string[]) =>
    result(await gemini.user.clinvk([...words, '-m', 'fast', '-o', 'json']))
  const call = (name: string, input: object) => ({tools: [{name, input}]})
  const write = (name: string) =>
    call('write_file', {file_path: name, content: 'A text that is long enough.'})
  const touch = (name: string) => call('run_shell_command', {command: `touch ${name}`})
  /** Resumes the only conversation without clinvk. */
  const resumeInGemini = async (id: string) => {
    const words = ['--resume', id, '--model', 'flash-lite', '--skip-trust']
    await gemini.user.run('gemini', words, {stdin: 'two'}).finished
    assert.equal(gemini.user.conversations().length, 2)
  }

  // With gemini's own settings, its clean-up takes a session that was resumed in another minute for an empty one.
  it('that resumes a session keeps it from the clean-up of gemini', async () => {
    const {user} = gemini
    user.configure({cleanUp: true})
    await turn('one')
    user.ageConversations()
    const {id} = user.session()
    const [file] = user.conversations()
    await turn('-c', 'two')
    assert.deepEqual(user.conversations(), [file])
    await turn('something else', '--new')
    assert.ok(existsSync(file!))
    const {content} = await turn('resume', id, 'three')
    assert.equal(content, 'You said: three | turns=3 | seen: [one] [two] [three]')
  })

  it('gives gemini a session back that it has lost since it was resumed in gemini itself', async () => {
    const {user} = gemini
    user.configure({cleanUp: true})
    await turn('one')
    user.ageConversations()
    const {backend_session_id: nativeId = '', id} = user.session()
    await resumeInGemini(nativeId)
    await turn('something else', '--new')
    const {content} = await turn('resume', id, 'three')
    assert.match(content, /seen: \[one\] .*\[three\]$/)
  })

  it('has its twins and tool outputs deleted with the session', async () => {
    const {user} = gemini
    await turn('one')
    user.ageConversations()
    const {backend_session_id: id = ''} = user.session()
    await resumeInGemini(id)
    const output = user.write(`.gemini/tmp/project/tool-outputs/session-${id}/a.txt`, 'long')
    const {code} = await user.clinvk(['sessions', 'delete', '@last', '--agent'])
    assert.deepEqual([code, user.conversations(), existsSync(output)], [0, [], false])
  })

  it('fails where the model repeats itself, although gemini calls that a success', async () => {
    gemini.server.when('repeat', {text: 'a word and then another, '.repeat(500), chunks: 50})
    const {content, error, exit_code: code} = await turn('repeat')
    assert.deepEqual([code, error?.kind], [1, 'agent'])
    assert.match(error?.message ?? '', /repeats itself/)
    assert.ok(content.startsWith('a word and then another, '))
  })

  it('has an answer that gemini begins anew once in its result, though twice in the stream', async () => {
    const {server, user} = gemini
    user.configure({maxAttempts: 'default'})
    const text = 'This is a long answer in many pieces.'
    const sseError = {type: 'UNAVAILABLE', message: 'busy'}
    server.when('break', {text, sseError, failTimes: 1, then: {text: 'Another answer.'}})
    await turn('a first turn whose answer has quite some words to be compared with')
    const between = new Date().toISOString()
    const events = jsonLines(await user.clinvk(['-c', 'break', '-m', 'fast', '-o', 'stream-json']))
    const said = events.flatMap(({text, type}) => (type === 'text' ? [text] : [])).join('')
    assert.match(said, /^This is.*Another answer\.$/)
    assert.equal(events.at(-1)?.content, 'Another answer.')
    // Its record tells when each turn was, although gemini writes the old ones anew.
    const found = await recordOf('gemini', user, user.session())
    const late = found?.turns.map(({startedAt}) => startedAt > between)
    assert.deepEqual(late, [false, true])
  })

  it('leaves nothing of the prompt with --ephemeral, not even when tools and plans were at work', async () => {
    const {server, user} = gemini
    const file = user.write('project/long.txt', 'a long line\n'.repeat(20_000))
    const topic = {title: 'wombat', summary: 'wombat', strategic_intent: 'wombat'}
    server.when(
      'wombat',
      {text: 'A wombat?', ...call('run_shell_command', {command: `cat ${file}`})},
      call('update_topic', topic),
      {text: 'wombats all over'},
    )
    const words = ['--ephemeral', 'wombat', '--sandbox-mode', 'full', '-o', 'json']
    const {content, outcome} = result(await user.clinvk(words))
    assert.deepEqual([outcome, content], ['success', 'A wombat?\n\nwombats all over'])
    assert.deepEqual([user.sessions(), user.conversations(), user.filesWith('wombat')], [[], [], []])
    const left = user.files('.gemini/tmp').filter((path) => !path.endsWith('.project_root'))
    assert.deepEqual(left, [])
  })

  it('leaves nothing with --ephemeral where it failed, or was ended', async () => {
    const {server, user} = gemini
    server.when('wombat fails', {status: 400})
    assert.equal((await turn('--ephemeral', 'wombat fails')).exit_code, 1)
    assert.deepEqual(user.filesWith('wombat'), [])
    server.when('wombat hangs', {text: 'A wombat was', hang: 'stream'})
    const running = user.start(['--ephemeral', 'wombat hangs', '-m', 'fast'])
    await running.shows('A w')
    running.child.kill('SIGINT')
    assert.equal((await running.finished).code, 130)
    assert.deepEqual([user.filesWith('wombat'), readdirSync(user.env.TMPDIR!)], [[], []])
  })

  for (const words of ['--approval-mode auto', '--sandbox-mode read-only']) {
    it(`may do no more after a plan, with ${words}`, async () => {
      const {server, user} = gemini
      server.when(
        'work',
        call('enter_plan_mode', {reason: 'to get out of it'}),
        write('plan.md'),
        call('exit_plan_mode', {plan_filename: 'plan.md'}),
        touch('touched'),
        {text: 'As far as I could.'},
      )
      await turn('do the work', ...words.split(' '))
      assert.ok(!existsSync(join(user.project, 'touched')))
      const results = server.calls.at(-1)!.turns.flatMap(({toolResults}) => toolResults)
      assert.deepEqual([results[0]?.isError, results[2]?.isError], [true, true])
    })
  }

  it('with --sandbox-mode read-only does not what the settings allow, even without a plan mode', async () => {
    const {server, user} = gemini
    const tools = {allowed: ['run_shell_command', 'write_file']}
    user.configure({more: {tools, general: {plan: {enabled: false}, maxAttempts: 1}}})
    server.when('work', write('edited'), touch('touched'), {text: 'As far as I could.'})
    await turn('do the work', '--sandbox-mode', 'read-only')
    assert.deepEqual(readdirSync(user.project), [])
  })

  it('splits its usage by model, with the one that chooses among them, which is not the one that answers', async () => {
    const {server, user} = gemini
    server.when('one', {thinking: 'hm, hm, hm', text: 'answered'})
    const {model, usage: {models, ...usage} = {}} = result(await user.clinvk(['one', '-o', 'json']))
    assert.deepEqual(usage, sentBy(server))
    const called = server.calls.map(({model}) => model)
    assert.deepEqual([Object.keys(models ?? {}), called.length], [called, 2])
    // The question which model is to answer wants JSON.
    const [answering] = server.calls.filter(({wanted}) => wanted === undefined)
    assert.deepEqual([model, user.session().model], [answering!.model, model])
  })

  it('that is handed a conversation while gemini starts there for the first time loses nothing of either', async () => {
    const {server, user} = gemini
    await user.clinvk(['-b', 'echo', 'the plum'])
    const own = user.run('gemini', ['--model', 'flash-lite', '--skip-trust'], {stdin: 'alone'})
    const {content} = await turn('fork', '@last', '-b', 'gemini', 'what now?')
    await ends(own.finished, {code: 0})
    assert.match(content, /\[the plum] \[what now\?]$/)
    assert.equal(user.conversationIds().length, 2)
    assert.match((await turn('-c', 'and then?')).content, /turns=3 /)
    const [alone = ''] = user
      .conversationIds()
      .filter((id) => id !== user.sessions().find(({backend}) => backend === 'gemini')?.backend_session_id)
    await turn('resume', alone, 'more')
    assert.deepEqual(server.calls.at(-1)?.prompts, ['alone', 'more'])
  })
})
