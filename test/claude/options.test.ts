import assert from 'node:assert/strict'
import {existsSync, readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {result, withClaude} from '../support/claude-sandbox.js'

describe('an option of a turn, with the real claude,', () => {
  const claude = withClaude()

  it('--ephemeral keeps nothing, here or at claude', async () => {
    const {user} = claude
    const finished = await user.clinvk(['--ephemeral', 'quick question', '-o', 'json'])
    const turn = result(finished)
    assert.equal(turn.content, 'You said: quick question | turns=1 | seen: [quick question]')
    assert.equal(turn.session_id, undefined)
    assert.deepEqual([user.sessions(), user.conversations()], [[], []])
  })

  it('--system-prompt replaces the system prompt', async () => {
    const {server, user} = claude
    await user.clinvk(['--system-prompt', 'You are "Anna",\nand brief.', 'hello'])
    const {system} = server.calls[0]!
    assert.ok(system.includes('You are "Anna",\nand brief.'))
    assert.ok(!system.includes("Anthropic's official CLI"), system)
  })

  it('--system-prompt may be longer than an argument of a program', async () => {
    const {server, user} = claude
    const rules = user.write('config.yaml', `backends:\n  claude:\n    system_prompt: "${LONG}"\n`)
    const {code} = await user.clinvk(['--config', rules, 'hello'])
    assert.equal(code, 0)
    assert.ok(server.calls[0]!.system.includes(LONG))
    assert.deepEqual(
      readdirSync(user.env.TMPDIR!).filter((name) => name.startsWith('clinvk-')),
      [],
    )
  })

  it("--model takes the names that mean the same everywhere, and the agent's own", async () => {
    const {server, user} = claude
    const fast = result(await user.clinvk(['-m', 'fast', 'hello', '-o', 'json']))
    assert.equal(server.calls[0]?.model, 'claude-haiku-4-5-20251001')
    assert.equal(fast.model, 'claude-haiku-4-5-20251001')
    assert.equal(user.session().model, fast.model)
    await user.clinvk(['-c', '-m', 'claude-sonnet-5', 'again'])
    assert.equal(user.session().model, 'claude-sonnet-5')
  })

  it('--max-turns stops claude with exit 11, and the session can go on', async () => {
    const {server, user} = claude
    server.when('much', {text: 'I begin.', tools: [{name: 'Bash', input: {command: 'echo hi'}}]})
    const stopped = await user.clinvk(['--max-turns', '1', 'much to do'])
    assert.deepEqual([stopped.code, stopped.stdout], [11, 'I begin.\n'])
    assert.match(
      stopped.stderr,
      /^Error: Reached max.* turns \(1\)\n {2}The session is kept\. Go on with it: /,
    )
    const session = user.session()
    assert.deepEqual([session.status, session.last_outcome, session.turn_count], ['paused', 'limit', 1])
    const {content} = result(await user.clinvk(['-c', 'go on', '-o', 'json']))
    assert.match(content, /seen: \[much to do] \[go on]$/)
  })

  it('--allowed-tools allows that tool and nothing else', async () => {
    const {server, user} = claude
    const write = (name: string) => ({
      name: 'Write',
      input: {file_path: join(user.project, name), content: name},
    })
    server.when(
      'write',
      {tools: [write('a.txt')]},
      {tools: [{name: 'Bash', input: {command: 'touch b.txt'}}]},
    )
    const {denials} = result(
      await user.clinvk(['write', '--allowed-tools', 'Read', '--allowed-tools', 'Write', '-o', 'json']),
    )
    assert.equal(readFileSync(join(user.project, 'a.txt'), 'utf8'), 'a.txt')
    assert.ok(!existsSync(join(user.project, 'b.txt')))
    assert.deepEqual(
      denials.map(({target, tool}) => [tool, target]),
      [['Bash', 'touch b.txt']],
    )
  })

  it('--add-dir lets claude work there, wherever the user stands', async () => {
    const {server, user} = claude
    const shared = user.directory('shared')
    const path = join(shared, 'notes.txt')
    server.when('write', {tools: [{name: 'Write', input: {file_path: path, content: 'noted'}}]})
    const words = ['write', '--approval-mode', 'auto']
    await user.clinvk(words)
    assert.ok(!existsSync(path))
    const {code} = await user.clinvk([...words, '--add-dir', '../shared'])
    assert.equal(code, 0)
    assert.equal(readFileSync(path, 'utf8'), 'noted')
  })

  it('--extra reaches claude as it is', async () => {
    const {server, user} = claude
    const {code} = await user.clinvk(['--extra=--append-system-prompt', '--extra=Be kind.', 'hello'])
    assert.equal(code, 0)
    assert.ok(server.calls[0]!.system.includes('Be kind.'))
  })

  it('--extra that clinvk sets itself is refused before anything happens', async () => {
    const {server, user} = claude
    for (const word of ['--output-format=json', '--resume', '-p']) {
      const {code, stderr} = await user.clinvk([`--extra=${word}`, 'hello'])
      assert.equal(code, 10)
      assert.match(stderr, /^Error: --extra \S+ is refused: clinvk sets this .*\n {2}Use the flag of clinvk/)
    }
    assert.deepEqual([user.sessions(), server.calls], [[], []])
  })
})

/** Linux takes at most 131,071 bytes an argument. */
const LONG = 'Be brief. '.repeat(15_000).trim()
