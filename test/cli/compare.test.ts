import assert from 'node:assert/strict'
import {readdirSync} from 'node:fs'
import {join} from 'node:path'
import {linkMoodyAgent} from '../support/moody-agent.js'
import {CliUser} from '../support/cli-user.js'
import {json, type Finished} from '../support/sandbox.js'

interface Report {
  run_id: string
  prompt: string
  backends: string[]
  results: Record<string, unknown>[]
}

/** One prompt for several agents, with agents that need no account. */
describe('clinvk compare', () => {
  let user: CliUser
  beforeEach(() => {
    user = new CliUser({PATH: '/nowhere'})
    linkMoodyAgent(user)
  })
  afterEach(() => user.remove())

  const report = (finished: Finished) => json(finished) as unknown as Report

  it('gives the answers in the order of the names, however they are given', async () => {
    for (const words of [
      ['--backends', 'moody,echo'],
      ['-b', 'moody', '-b', 'echo'],
      ['--backends', 'moody, echo', '-b', 'moody'],
    ]) {
      const finished = await user.clinvk(['compare', ...words, '--json', 'hello'])
      const {backends, prompt, results} = report(finished)
      assert.deepEqual([finished.code, prompt, backends], [0, 'hello', ['moody', 'echo']], words.join(' '))
      assert.deepEqual(
        results.map(({output}) => output),
        ['hello', 'You said: hello'],
      )
    }
  })

  it('makes each answer a session of its run', async () => {
    const {results, run_id: run} = report(
      await user.clinvk(['compare', '-b', 'moody,echo', '--json', 'hello']),
    )
    const {sessions} = json(await user.clinvk(['sessions', 'list', '--run', run, '--json'])) as {
      sessions: Record<string, unknown>[]
    }
    assert.deepEqual(sessions.map(({id}) => id).sort(), results.map(({session_id: id}) => id).sort())
  })

  it('says which agent is missing, goes on with the others, and ends with exit 1', async () => {
    const finished = await user.clinvk(['compare', '--backends', 'claude,echo', 'hello'])
    assert.match(finished.stderr, /^\[claude\] unavailable: Claude Code is not installed/m)
    assert.match(finished.stdout, /^\[echo\] You said: hello$/m)
    assert.match(finished.stdout, /^claude +unavailable +- /m)
    assert.equal(finished.code, 1)
  })

  it('runs nothing for a name that no backend has, and with agents of which none is there', async () => {
    const unknown = await user.clinvk(['compare', '-b', 'echo,mody', 'hello'])
    assert.match(unknown.stderr, /^Error: Unknown backend "mody"\.\n {2}Did you mean: moody$/m)
    assert.equal(unknown.code, 2)
    const none = await user.clinvk(['compare', '-b', 'claude,codex', 'hello', '--json'])
    assert.deepEqual([none.code, json(none).outcome], [2, 'unavailable'])
    assert.deepEqual(user.sessions(), [])
  })

  it('takes with --all-backends those whose agents are installed, and says which are left out', async () => {
    user.env.PATH = user.directory('bin')
    user.write('bin/codex', '#!/bin/sh\n')
    await user.run('/bin/chmod', ['+x', join(user.home, 'bin/codex')]).finished
    const {stderr, stdout} = await user.clinvk(['compare', '--all-backends', '--dry-run', '--json', 'hello'])
    assert.deepEqual((JSON.parse(stdout) as Report).backends, ['codex'])
    assert.match(stderr, /^Note: claude is left out: Claude Code is not installed/m)
  })

  it('needs to be told which agents', async () => {
    const {code, stderr} = await user.clinvk(['compare', 'hello'])
    assert.match(stderr, /^Error: No backends to compare\./)
    assert.equal(code, 1)
  })

  it('refuses for one agent what it cannot do, and says so', async () => {
    const finished = await user.clinvk([
      'compare',
      '-b',
      'moody,echo',
      '--system-prompt',
      'be kind',
      '--json',
      'x',
    ])
    assert.deepEqual(
      report(finished).results.map(({outcome}) => outcome),
      ['refused', 'success'],
    )
    assert.equal(finished.code, 1)
  })

  it('runs one after the other with --sequential', async () => {
    const finished = await user.clinvk(['compare', '-b', 'echo,moody', '--sequential', '--json', 'a b c'])
    const [first, second] = report(finished).results
    assert.ok(String(first!.end_time) <= String(second!.start_time))
  })

  it('takes its prompt from a file or standard input, and writes to --output-dir', async () => {
    const file = user.write('question.md', 'why?\n')
    assert.equal(
      report(await user.clinvk(['compare', '-b', 'echo', '--json', '--file', file])).prompt,
      'why?',
    )
    const words = ['compare', '-b', 'echo', '--json', '--output-dir', 'out', '-']
    assert.equal(report(await user.clinvk(words, {stdin: 'how?\n'})).prompt, 'how?')
    assert.deepEqual(readdirSync(join(user.project, 'out')).sort(), ['001_echo.json', 'summary.json'])
  })

  it('prints, piped, every line with its agent, then the table', async () => {
    const {stdout} = await user.clinvk(['compare', '-b', 'moody,echo', 'one\ntwo'])
    assert.match(
      stdout,
      /^\[moody\] one\n\[moody\] two\n\[echo\] You said: one\n\[echo\] two\nBACKEND +OUTCOME/,
    )
    assert.match(stdout, /^echo +success +\d\.\ds +\d+ +[0-9a-f]{8} +echo-1$/m)
    const quiet = await user.clinvk(['compare', '-q', '-b', 'moody', 'one'])
    assert.deepEqual([quiet.stdout, quiet.stderr], ['[moody] one\n', ''])
  })
})
