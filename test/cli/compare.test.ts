import assert from 'node:assert/strict'
import {readdirSync} from 'node:fs'
import {join} from 'node:path'
import {reportOf, withRuns} from '../support/runs.js'
import {each, ends, json} from '../support/sandbox.js'

describe('clinvk compare', () => {
  const runs = withRuns('compare', {PATH: '/nowhere'})
  const compare = (...words: string[]) =>
    runs.run('', words, {stdin: words.some((word) => /^-$|^--stdin$/.test(word)) ? 'how?\n' : undefined})
  const report = async (...words: string[]) => reportOf(await compare('--json', ...words))

  it('gives the answers in the order of the names, however they are given', async () => {
    for (const words of [
      ['--backends', 'moody,echo'],
      ['-b', 'moody', '-b', 'echo'],
      ['--backends', 'moody, echo', '-b', 'moody'],
    ]) {
      const done = await report(...words, 'hello')
      assert.deepEqual([done.code, done.prompt, done.backends], [0, 'hello', ['moody', 'echo']])
      assert.deepEqual(each(done, 'output'), ['hello', 'You said: hello'])
    }
  })

  it('makes each answer a session of its run', async () => {
    const done = await report('-b', 'moody,echo', 'hello')
    const listed = json(await runs.user.clinvk(['sessions', 'list', '--run', done.run_id, '--json']))
    const ids = (listed.sessions as {id: string}[]).map(({id}) => id)
    assert.deepEqual(ids.sort(), each(done, 'session_id').sort())
  })

  it('says which agent is missing or refuses, and runs the others, with exit code 1', async () => {
    const {code, stderr, stdout} = await compare('--backends', 'claude,echo', 'hello')
    assert.match(stderr, /^\[claude\] unavailable: Claude Code is not installed/m)
    assert.match(stdout, /^\[echo\] You said: hello$/m)
    assert.match(stdout, /^claude +unavailable +- /m)
    assert.equal(code, 1)
    const refused = await report('-b', 'moody,echo', '--system-prompt', 'be kind', 'x')
    assert.deepEqual([refused.code, ...each(refused, 'outcome')], [1, 'refused', 'success'])
  })

  it('runs nothing for an unknown name, no name, or where no agent is installed', async () => {
    const unknown = await compare('-b', 'echo,mody', 'hello')
    assert.match(unknown.stderr, /^Error: Unknown backend "mody"\. Available: .*\n {2}Did you mean: moody$/m)
    assert.equal(unknown.code, 2)
    await ends(compare('hello'), {code: 1, stderr: /^Error: No backends to compare\./})
    const missing = await compare('-b', 'claude,codex', 'hello', '--json')
    assert.deepEqual([missing.code, json(missing).outcome], [2, 'unavailable'])
    assert.deepEqual(runs.user.sessions(), [])
  })

  it('runs with --all-backends those that are installed, and says which are left out', async () => {
    runs.user.installProgram('codex')
    const finished = await compare('--all-backends', '--dry-run', '--json', 'hello')
    assert.deepEqual(reportOf(finished).backends, ['codex'])
    assert.match(finished.stderr, /^Note: claude is left out: Claude Code is not installed/m)
  })

  it('runs one after the other with --sequential', async () => {
    const [first, second] = (await report('-b', 'echo,moody', '--sequential', 'a b c')).results
    assert.ok(String(first!.end_time) <= String(second!.start_time))
  })

  it('reads its prompt from a file or standard input, and writes to --output-dir', async () => {
    const file = runs.user.write('question.md', 'why?\n')
    assert.equal((await report('-b', 'echo', '--file', file)).prompt, 'why?')
    assert.equal((await report('-b', 'echo', '--output-dir', 'out', '-')).prompt, 'how?')
    assert.deepEqual(readdirSync(join(runs.user.project, 'out')).sort(), ['001_echo.json', 'summary.json'])
  })

  it('prints, piped, every line with its agent, then the table', async () => {
    const {stdout} = await ends(compare('-b', 'moody,echo', 'one\ntwo'), {
      stdout: /^\[moody\] one\n\[moody\] two\n\[echo\] You said: one\n\[echo\] two\nBACKEND +OUTCOME/,
    })
    assert.match(stdout, /^echo +success +\d\.\ds +\d+ +[0-9a-f]{8} +echo-1$/m)
    await ends(compare('-q', '-b', 'moody', 'one'), {stdout: '[moody] one\n', stderr: ''})
  })
})
