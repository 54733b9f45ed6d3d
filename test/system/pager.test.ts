import assert from 'node:assert/strict'
import {Sandbox} from '../support/sandbox.js'
import {storeSession} from '../support/stored-session.js'
import {Terminal} from '../support/terminal.js'

describe('a conversation on a terminal', () => {
  let user: Sandbox
  let terminal: Terminal
  beforeEach(() => {
    user = new Sandbox()
    const id = storeSession(user, 'abc123')
    const time = '2026-05-01T12:00:00Z'
    const turns = Array.from({length: 500}, (_, index) =>
      [
        {type: 'turn', time, prompt: `question ${index}`},
        {type: 'text', time, text: `answer ${index}`},
      ]
        .map((line) => `${JSON.stringify(line)}\n`)
        .join(''),
    )
    user.write(`.clinvk/transcripts/${id}.jsonl`, turns.join(''))
    terminal = new Terminal(user)
  })
  afterEach(() => {
    terminal.close()
    user.remove()
  })

  it('comes through less, which may be left or interrupted at any time', async () => {
    terminal.type('clinvk sessions log abc123; echo "ended $?"')
    await terminal.shows(/> question 0\n\nanswer 0\n[^]*\n:$/)
    terminal.press('C-c')
    terminal.write('G')
    await terminal.shows(/answer 499/)
    terminal.write('q')
    await terminal.shows(/ended 0/)
  })

  it('is picked among those in which something was said, and read or resumed', async () => {
    terminal.type('PAGER=cat clinvk search -i question 499')
    await terminal.shows(/Which conversation\?/)
    terminal.press('Enter')
    await terminal.shows(/Read it[^]*Resume it/)
    terminal.press('Enter')
    await terminal.shows(/> question 499\n\nanswer 499/)
  })

  for (const [pager, shown] of [
    ['PAGER="sed s/answer/reply/"', /reply 499/],
    ['PAGER=', /answer 499/],
    ['PAGER=no-such-program', /answer 499/],
    ['PAGER="head -n 5"', /answer 0/],
  ] as const)
    it(`comes as ${pager} says`, async () => {
      terminal.type(`${pager} clinvk sessions log abc123; echo "ended $?"`)
      const screen = await terminal.shows(/ended \d/)
      assert.match(screen, shown)
      assert.match(screen, /ended 0$/m)
    })
})
