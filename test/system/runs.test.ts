import assert from 'node:assert/strict'
import {linkMoodyAgent} from '../support/moody-agent.js'
import {Sandbox} from '../support/sandbox.js'
import {Terminal} from '../support/terminal.js'

/** What a person sees while many agents work. */
describe('runs on a terminal', () => {
  let user: Sandbox
  let terminal: Terminal
  const open = (size?: {columns: number; rows: number}) => (terminal = new Terminal(user, size))
  beforeEach(() => (user = new Sandbox({CLINVK_BACKEND: 'echo'})))
  afterEach(() => {
    terminal.close()
    user.remove()
  })

  it('a line tells of each task of parallel, and is gone at the end; answers and table stay', async () => {
    const slow = (prompt: string, name: string) => ({prompt, name, extra: ['--delay=400']})
    user.write(
      'project/work.json',
      JSON.stringify([slow('a', 'short'), slow('one two three four five', 'long'), 'last']),
    )
    open({columns: 90, rows: 24}).type('clinvk parallel -f work.json --max-parallel 2')
    const working = await terminal.shows(/✓ short[^\n]*\n. long[^\n]*\n. task-3/)
    assert.match(working, /^\[short\] echo\nYou said: a\n\n/m)
    // The third task may have ended by now, too.
    assert.match(working, /^✓ short +echo +success +\d\.\ds +\d+ +You said: a$/m)
    assert.match(working, /^\S long +echo +running +\d\.\ds +You said:/m)
    const done = await terminal.shows(/^3 tasks: 3 succeeded/m)
    assert.doesNotMatch(done, /running|waiting|✓| done$/m)
    assert.match(done, /^\[long\] echo\nYou said: one two three four five\n/m)
    assert.match(done, /^2 +echo +success /m)
  })

  it('fits more tasks than the terminal has lines', async () => {
    const tasks = Array.from({length: 12}, (_, index) => ({prompt: `${index} b c d`, extra: ['--delay=300']}))
    user.write('project/work.json', JSON.stringify(tasks))
    open({columns: 60, rows: 8}).type('clear; clinvk parallel -f work.json --max-parallel 3')
    const working = await terminal.shows(/(?:running[^]*){3}0 of 12 done/)
    assert.equal(working.split('\n').filter((line) => line.includes('running')).length, 3)
    terminal.press('C-c')
    await terminal.shows(/12 tasks: .*cancelled, in /)
  })

  it('Ctrl-C ends parallel with what there is, and the shell has its cursor again', async () => {
    const slow = {prompt: 'one two three four five six', extra: ['--delay=500']}
    user.write('project/work.json', JSON.stringify(['quick', slow]))
    open({columns: 90, rows: 24}).type('clinvk parallel -f work.json; echo code $?')
    await terminal.shows(/✓ task-1[^]*task-2 +echo +running[^]*one/)
    terminal.press('C-c')
    const ended = await terminal.shows(/code 130/)
    assert.match(ended, /^2 tasks: 1 succeeded, 1 cancelled, in /m)
    assert.doesNotMatch(ended, /running/)
    assert.ok(terminal.showsCursor())
  })

  it('the answers of compare stand beside each other where there is room, else below each other', async () => {
    linkMoodyAgent(user)
    open({columns: 100, rows: 24}).type("clear; clinvk compare -b echo,moody 'hello there'")
    const wide = await terminal.shows(/^2 backends: 2 succeeded/m)
    assert.match(wide, /^echo \(echo-1, \d\.\ds\) +│ {2}moody \(\d\.\ds\)$/m)
    assert.match(wide, /^You said: hello there +│ {2}hello there$/m)
    terminal.close()
    open({columns: 60, rows: 24}).type("clear; clinvk compare -b echo,moody 'hello there'")
    const narrow = await terminal.shows(/^2 backends: 2 succeeded/m)
    assert.match(narrow, /^You said: hello there\n\nmoody \(\d\.\ds\)\nhello there$/m)
  })
})
