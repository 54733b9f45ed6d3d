import assert from 'node:assert/strict'
import {CliUser} from '../support/cli-user.js'
import {ends, fixture} from '../support/sandbox.js'

const {commands, errors, prompts} = fixture('routing.yaml') as Record<string, Record<string, string>>

/** What the words after `clinvk` are taken for. All prompts go to the echo backend, which says what it was sent. */
describe('routing', () => {
  const user = new CliUser({CLINVK_BACKEND: 'echo'})
  after(() => user.remove())

  for (const [line, prompt] of Object.entries(prompts!)) {
    it(`sends ${JSON.stringify(prompt)} as the prompt for: clinvk ${line}`, async () => {
      await ends(user.clinvk(line), {code: 0, stderr: '', stdout: `You said: ${prompt}\n`})
    })
  }

  it('takes what is piped in as the prompt where there are no words', async () => {
    for (const line of ['', '-b echo', '--json'])
      await ends(user.clinvk(line, {stdin: 'review this\n'}), {code: 0, stdout: /You said: review this/})
  })

  it('takes any word as a prompt in a conversation that is under way', async () => {
    await user.clinvk('"a first prompt"')
    for (const line of ['-c continue', '-c -b echo stop', '--session @last wait'])
      await ends(user.clinvk(line), {code: 0, stdout: RegExp(`You said: ${line.split(' ').at(-1)!}\n`)})
  })

  it('resumes the last session for -c without a prompt on a terminal', async () => {
    await user.clinvk('"a first prompt"')
    await ends(user.clinvk('-c --timeout 5s', {onTerminal: true}), {
      stderr: /--timeout needs a prompt: without one the agent itself is opened/,
    })
  })

  for (const [line, shows] of Object.entries(commands!)) {
    it(`runs a command for: clinvk ${line}`, async () => {
      await ends(user.clinvk(line), {code: 0, stdout: RegExp(shows)})
    })
  }

  for (const line of ['', '-h', '--help', 'help']) {
    it(`shows both ways of use for: clinvk ${line}`, async () => {
      await ends(user.clinvk(line), {
        code: 0,
        stdout: /\$ clinvk "PROMPT" \[FLAGS\].*\n.*\$ clinvk COMMAND[^]*clinvk -c "now add tests"/,
      })
    })
  }

  for (const [line, says] of Object.entries(errors!)) {
    it(`is an error, and costs nothing: clinvk ${line}`, async () => {
      const before = user.sessions().length
      const {code, stderr, stdout} = await ends(user.clinvk(line), {stderr: RegExp(says)})
      assert.doesNotMatch(stderr, /USAGE|\n\s+at /, 'no usage dump, no stack trace')
      if (!line.includes('--json')) assert.equal(stdout, '')
      assert.equal(code, stderr.includes('Unknown backend') ? 2 : 1)
      assert.equal(user.sessions().length, before)
    })
  }
})
