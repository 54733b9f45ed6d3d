import assert from 'node:assert/strict'
import {randomBytes} from 'node:crypto'
import {CliUser} from '../support/cli-user.js'
import {ends, json} from '../support/sandbox.js'

/** Where a prompt may come from; what is no prompt is in errors.test.ts. */
describe('prompts', () => {
  const user = new CliUser({CLINVK_BACKEND: 'echo'})
  after(() => user.remove())

  it('come from standard input with -, whole and at any speed', async () => {
    const running = user.run('sh', ['-c', `(printf 'one '; sleep 0.3; printf 'two') | node "$0" -`, RUN])
    assert.equal((await running.finished).stdout, 'You said: one two\n')
  })

  it('come from a file, without its last line break', async () => {
    user.write('project/task.md', 'fix the bug\nin auth.go\n')
    assert.equal((await user.clinvk(['--file', 'task.md'])).stdout, 'You said: fix the bug\nin auth.go\n')
  })

  it('may be followed by what is piped in', async () => {
    const {stdout} = await user.clinvk(['--stdin', 'review this'], {stdin: '-a\n+b\n'})
    assert.equal(stdout, 'You said: review this\n\n-a\n+b\n')
  })

  it('leave what is piped in to others, and say so', async () => {
    const loop = 'printf "one\\ntwo\\n" | while read -r line; do node "$0" "say $line"; done'
    const {stderr, stdout} = await user.run('sh', ['-c', loop, RUN]).finished
    assert.equal(stdout, 'You said: say one\nYou said: say two\n')
    assert.match(stderr, /Standard input was not read\. To append it to the prompt: --stdin/)
    await ends(user.clinvk(['--quiet', 'x y'], {stdin: 'more'}), {stdout: 'You said: x y\n', stderr: ''})
  })

  it('are awaited in words when nothing is piped in for a while', async () => {
    const late = 'until [ -e go ]; do sleep 0.1; done; echo late'
    const running = user.run('sh', ['-c', `(${late}) | node "$0"`, RUN])
    await running.shows(/Waiting for the prompt on standard input/, 'stderr')
    user.write('project/go', '')
    assert.equal((await running.finished).stdout, 'You said: late\n')
  })

  it('may have bytes that are no UTF-8, which are counted', async () => {
    const stdin = Buffer.from([0x63, 0x61, 0x66, 0xe9, 0x0a])
    const {stderr, stdout} = await user.clinvk(['--stdin', 'look at'], {stdin})
    assert.equal(stdout, 'You said: look at\n\ncaf\uFFFD\n')
    assert.match(stderr, /standard input is not all UTF-8: 1 wrong byte was replaced/)
  })

  it('may begin with a dash or a slash', async () => {
    assert.equal((await user.clinvk(['--', '-x is what?'])).stdout, 'You said: -x is what?\n')
    assert.equal((await user.clinvk(['-'], {stdin: '--help'})).stdout, 'You said: --help\n')
    assert.equal((await user.clinvk(['/cost of living'])).stdout, 'You said: /cost of living\n')
  })

  for (const [words, extra] of [
    ['--extra --agent --extra plan', '--agent plan'],
    ['--extra=--agent --extra=plan', '--agent plan'],
    ['--extra=-c', '-c'],
    ['--extra -', '-'],
  ] as const) {
    it(`leave ${words} to the agent`, async () => {
      const planned = await user.clinvk([...words.split(' '), 'x y', '--dry-run', '--json'])
      const command = json(planned).command as string[]
      assert.ok(command.join(' ').endsWith(` ${extra}`), String(command))
    })
  }

  it('are refused where the value of --extra is missing', async () => {
    for (const words of ['prompt --extra', '--extra -c prompt', '--extra --backend echo prompt'])
      await ends(user.clinvk(words.split(' ')), {code: 1, stderr: /--extra/})
  })

  for (const way of ['-', '--file'] as const) {
    it(`may have 5 MB when they come by ${way}`, async () => {
      const prompt = `begin ${randomBytes(2_500_000).toString('hex')} ü end`
      const file = user.write('large.md', prompt)
      const result = await user.clinvk(way === '-' ? ['-', '--json'] : ['--file', file, '--json'], {
        stdin: way === '-' ? prompt : '',
      })
      assert.equal(json(result).content, `You said: ${prompt}`)
    })
  }
})

const RUN = new URL('../../bin/run.js', import.meta.url).pathname
