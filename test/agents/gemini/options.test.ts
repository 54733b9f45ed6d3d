import assert from 'node:assert/strict'
import {readdirSync} from 'node:fs'
import {join} from 'node:path'
import {result, withGemini} from '../../support/gemini-sandbox.js'

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

  it('--add-dir is what a denial names where that lifts it', async () => {
    const {server, user} = gemini
    const path = join(user.elsewhere(), 'notes.txt')
    const write = {tools: [{name: 'write_file', input: {file_path: path, content: 'noted'}}]}
    server.when('note', write, {text: 'As far as I could.'})
    const words = ['note it', '-m', 'fast', '--approval-mode', 'auto', '-o', 'json']
    const {denials} = result(await user.clinvk(words))
    const allow = ['--approval-mode', 'auto', '--add-dir', user.elsewhere()]
    assert.deepEqual(denials, [{tool: 'write_file', target: path, allow}])
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
