import assert from 'node:assert/strict'
import {readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {answering, result, withGemini} from '../support/gemini-sandbox.js'

describe('an option of a turn, with the real gemini,', () => {
  const gemini = withGemini()

  it('--ephemeral leaves nothing of the prompt, not even when tools and plans were at work', async () => {
    const {server, user} = gemini
    const file = join(user.project, 'long.txt')
    user.write('project/long.txt', 'a long line\n'.repeat(20_000))
    server.when(
      'wombat',
      {text: 'A wombat?', tools: [{name: 'run_shell_command', input: {command: `cat ${file}`}}]},
      {
        tools: [
          {name: 'update_topic', input: {title: 'wombat', summary: 'wombat', strategic_intent: 'wombat'}},
        ],
      },
      {text: 'wombats all over'},
    )
    const words = ['--ephemeral', 'wombat', '--sandbox-mode', 'full', '-o', 'json']
    const turn = result(await user.clinvk(words))
    assert.deepEqual([turn.outcome, turn.content], ['success', 'A wombat?\n\nwombats all over'])
    assert.equal(turn.session_id, undefined)
    assert.deepEqual([user.sessions(), user.conversations(), user.filesWith('wombat')], [[], [], []])
    assert.deepEqual(
      user.files('.gemini/tmp').filter((path) => !path.endsWith('.project_root')),
      [],
    )
  })

  it('--ephemeral leaves nothing of a turn that failed, or was ended', async () => {
    const {server, user} = gemini
    server.when('wombat fails', {status: 400})
    const failed = await user.clinvk(['--ephemeral', 'wombat fails', '-m', 'fast'])
    assert.equal(failed.code, 1)
    assert.deepEqual(user.filesWith('wombat'), [])
    server.when('wombat hangs', {text: 'A wombat was', hang: 'stream'})
    const running = user.start(['--ephemeral', 'wombat hangs', '-m', 'fast'])
    await running.shows('A w')
    running.child.kill('SIGINT')
    assert.equal((await running.finished).code, 130)
    assert.deepEqual([user.filesWith('wombat'), readdirSync(user.env.TMPDIR!)], [[], []])
  })

  it('--system-prompt replaces the system prompt, however long it is', async () => {
    const {server, user} = gemini
    const rules = `You are "Anna",\nand brief. ${'Be brief. '.repeat(15_000)}`
    const config = user.write(
      'config.yaml',
      `backends:\n  gemini:\n    system_prompt: ${JSON.stringify(rules)}\n`,
    )
    const {code} = await user.clinvk(['--config', config, 'hello', '-m', 'fast'])
    assert.equal(code, 0)
    const {system} = server.calls[0]!
    assert.ok(system.startsWith(rules.trimEnd()), system.slice(0, 200))
    assert.ok(!system.includes('Gemini CLI'))
    assert.deepEqual(readdirSync(user.env.TMPDIR!), [])
  })

  it("--model takes the names that mean the same everywhere, and the agent's own", async () => {
    const {server, user} = gemini
    const fast = result(await user.clinvk(['-m', 'fast', 'hello', '-o', 'json']))
    assert.match(server.calls[0]!.model, /flash-lite$/)
    assert.deepEqual([fast.model, user.session().model], [server.calls[0]?.model, fast.model])
    await user.clinvk(['-c', '-m', 'gemini-2.5-pro', 'again'])
    assert.deepEqual(
      [user.session().model, answering(server.calls)[1]?.model],
      ['gemini-2.5-pro', 'gemini-2.5-pro'],
    )
  })

  it('--allowed-tools allows that command and no other', async () => {
    const {server, user} = gemini
    const shell = (command: string) => ({tools: [{name: 'run_shell_command', input: {command}}]})
    server.when('make', shell('touch a.txt'), shell('mkdir b'), {text: 'done'})
    const words = ['make them', '-m', 'fast', '--allowed-tools', 'run_shell_command(touch)', '-o', 'json']
    const {denials} = result(await user.clinvk(words))
    assert.deepEqual(readdirSync(user.project), ['a.txt'])
    assert.deepEqual(
      denials.map(({target, tool}) => [tool, target]),
      [['run_shell_command', 'mkdir b']],
    )
  })

  it('--add-dir lets gemini work there, wherever the user stands', async () => {
    const {server, user} = gemini
    const path = join(user.directory('shared'), 'notes.txt')
    const write = {tools: [{name: 'write_file', input: {file_path: path, content: 'noted'}}]}
    server.when('note', write, {text: 'As far as I could.'})
    const words = ['note it', '-m', 'fast', '--approval-mode', 'auto', '-o', 'json']
    const {denials} = result(await user.clinvk(words))
    const allow = ['--approval-mode', 'auto', '--add-dir', join(user.home, 'shared')]
    assert.deepEqual(denials, [{tool: 'write_file', target: path, allow}])
    await user.clinvk([...words, '--add-dir', '../shared'])
    assert.equal(readFileSync(path, 'utf8'), 'noted')
  })

  it('--max-turns is refused: gemini has it only in its settings', async () => {
    const {server, user} = gemini
    const {code, stderr} = await user.clinvk(['--max-turns', '2', 'hello'])
    assert.equal(code, 10)
    assert.match(stderr, /^Error: --max-turns is refused: /)
    assert.deepEqual([user.sessions(), server.calls], [[], []])
  })

  it('--extra reaches gemini as it is, but for what clinvk sets itself', async () => {
    const {server, user} = gemini
    for (const word of ['--output-format=json', '--sessionId', '-r', '-yo', '--yolo']) {
      const {code, stderr} = await user.clinvk([`--extra=${word}`, 'hello'])
      assert.equal(code, 10, word)
      assert.match(stderr, /^Error: --extra \S+ is refused: clinvk sets this .*\n {2}Use the flag of clinvk/)
    }
    assert.deepEqual([user.sessions(), server.calls], [[], []])
    const unknown = await user.clinvk(['--extra=--no-such-option', 'hello', '-o', 'json'])
    assert.match(result(unknown).error!.message, /Unknown argument/)
  })
})
