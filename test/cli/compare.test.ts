import assert from 'node:assert/strict'
import {readdirSync} from 'node:fs'
import {join} from 'node:path'
import {reportOf, withRuns} from '../support/runs.js'
import {each, ends, json} from '../support/sandbox.js'
import {scenes} from '../support/scenes.js'

describe('clinvk compare', () => {
  const {run, user} = withRuns('compare', {PATH: '/nowhere'})
  const compare = (...words: string[]) =>
    run('', words, {stdin: words.some((word) => /^-$|^--stdin$/.test(word)) ? 'how?\n' : undefined})
  const report = async (...words: string[]) => reportOf(await compare('--json', ...words))

  scenes(user, 'compare')

  it('makes each answer a session of its run', async () => {
    const done = await report('-b', 'moody,echo', 'hello')
    const listed = json(await user.clinvk(['sessions', 'list', '--run', done.run_id, '--json']))
    const ids = (listed.sessions as {id: string}[]).map(({id}) => id)
    assert.deepEqual(ids.sort(), each(done, 'session_id').sort())
  })

  it('runs one after the other with --sequential', async () => {
    const [first, second] = (await report('-b', 'echo,moody', '--sequential', 'a b c')).results
    assert.ok(String(first!.end_time) <= String(second!.start_time))
  })

  it('reads its prompt from a file or standard input, and writes to --output-dir', async () => {
    const file = user.write('question.md', 'why?\n')
    assert.equal((await report('-b', 'echo', '--file', file)).prompt, 'why?')
    assert.equal((await report('-b', 'echo', '--output-dir', 'out', '-')).prompt, 'how?')
    assert.deepEqual(readdirSync(join(user.project, 'out')).sort(), ['001_echo.json', 'summary.json'])
  })

  it('prints, piped, every line with its agent, then the table', async () => {
    const {stdout} = await ends(compare('-b', 'moody,echo', 'one\ntwo'), {
      stdout: /^\[moody\] one\n\[moody\] two\n\[echo\] You said: one\n\[echo\] two\nBACKEND +OUTCOME/,
    })
    assert.match(stdout, /^echo +success +\d\.\ds +\d+ +[0-9a-f]{8} +echo-1$/m)
    await ends(compare('-q', '-b', 'moody', 'one'), {stdout: '[moody] one\n', stderr: ''})
  })
})
