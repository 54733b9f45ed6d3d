import assert from 'node:assert/strict'
import {claudeEnv} from '../support/agent-env.js'
import {startModelServer, type ModelServer} from '../support/model-server/index.js'
import {Sandbox} from '../support/sandbox.js'
import {Terminal} from '../support/terminal.js'
import {waitFor} from '../support/wait-for.js'

/** What a person sees while an agent works. */
describe('on a terminal', () => {
  let server: ModelServer
  let user: Sandbox
  let terminal: Terminal
  before(async () => (server = await startModelServer()))
  beforeEach(() => {
    user = new Sandbox()
    Object.assign(user.env, claudeEnv({url: server.url, home: user.home, path: user.env.PATH ?? ''}))
    terminal = new Terminal(user)
  })
  afterEach(() => {
    terminal.close()
    user.remove()
  })
  after(() => server.close())

  it('a line tells agent, tool, target and time below the answer, and is gone at the end', async () => {
    user.write('gate', '')
    server.when(
      'run it',
      {
        text: 'Let me run it.',
        tools: [
          {name: 'Bash', input: {command: 'while [ -e ../gate ]; do sleep 0.1; done', description: 'wait'}},
        ],
      },
      {text: 'It ran.'},
    )
    terminal.type("clinvk --allowed-tools Bash 'please run it'")
    const working = await terminal.shows(/Bash: while.* · \d/)
    assert.match(
      working,
      /\nLet me run it\.\n. claude · Bash: while \[ -e \.\.\/gate \]; do sleep 0\.1; done · \d+\.\ds$/,
    )
    user.run('rm', [`${user.home}/gate`])
    const done = await terminal.shows(/It ran\.\n[\d.]+s · [\d,]+ tokens · 1 tool\n[$#]$/)
    assert.doesNotMatch(done, /claude ·/)
  })

  it('no character of an answer is lost where the line of it is full while the agent works', async () => {
    // Pieces of an answer end with a blank, here in the last column.
    const full = 'x'.repeat(90 - 'You said:  '.length)
    terminal.type(`clear; clinvk -b echo --extra=--delay=400 '${full} next end'`)
    const screen = await terminal.shows(/end\n[\d.]+s · /)
    assert.match(screen, new RegExp(`You said: ${full} ?\nnext end\n`))
  })

  it('Ctrl-C ends the turn, says how to go on, and the next prompt works', async () => {
    terminal.type("clinvk -b echo --extra=--delay=300 'one two three four five six seven eight'")
    await terminal.shows(/You said: one/)
    terminal.press('C-c')
    const cancelled = await terminal.shows(/Cancelled\.\n.*\n[$#]$/)
    assert.match(cancelled, /Resume it: clinvk resume [0-9a-f]{8} "continue"/)
    terminal.type("clinvk -c 'again'; echo code $?")
    await terminal.shows(/You said: again\nThis is turn 2 of our conversation\.\n.* tokens\ncode 0/)
    assert.equal(user.sessions()[0]?.status, 'active')
  })

  it('a turn ends in order when its terminal is closed', async () => {
    terminal.type("clinvk -b echo --extra=--delay=300 'one two three four five six seven eight nine ten'")
    await terminal.shows(/You said: one/)
    terminal.close()
    await waitFor('the turn is cancelled', () => user.sessions()[0]?.last_outcome === 'cancelled')
  })

  it('that does not know its size shows tables, the picker and live lines as one of 80 columns does', async () => {
    await user.clinvk(['-b', 'echo', 'a first prompt'])
    const list =
      'sessions list; clinvk backends; clinvk parallel -b echo -f ../tasks.json; clinvk resume --interactive'
    user.write('tasks.json', '["one task"]')
    terminal.type(`clear; script -qec "stty cols 0 rows 0; clinvk ${list}" /dev/null`)
    const screen = await terminal.shows(/Which session\?[^]*a first prompt/)
    assert.match(screen, /SUCCESS|success[^]*one task/)
    terminal.press('Escape')
    // Else `script` and what it runs would outlive the terminal.
    await terminal.shows(/Which session\?[^]*\n[$#]$/)
  })

  it('a list fits the width, whatever stands in the prompts', async () => {
    await user.clinvk(['-b', 'echo', `${'修复错误 '.repeat(30)}\n\u001B[2J\u{1F600}`])
    await user.clinvk(['-b', 'echo', 'short'])
    terminal.type('clear; clinvk sessions list')
    const screen = await terminal.shows(/修复错误[^]*\n[$#]$/)
    assert.match(
      screen,
      /\n[0-9a-f]{8} {2}echo {6}active {5}just now {8}修复错误 .*…\n\n2 sessions, \d+ tokens\n[$#]$/,
    )
  })

  it('colours are for terminals, and NO_COLOR turns them off', async () => {
    const coloured = '\u001B[31mError:\u001B[39m'
    const run = async (env: string) => {
      terminal.type(`clear; script -qec '${env} clinvk -b nope x' /dev/null | cat -v; echo done`)
      return (await terminal.shows(/ done\n[$#]$/)).replaceAll('^[', '\u001B')
    }
    assert.ok((await run('A=1')).includes(coloured))
    assert.ok(!(await run('NO_COLOR=1')).includes('\u001B[31m'))
  })
})
