import assert from 'node:assert/strict'
import {Sandbox} from '../support/sandbox.js'
import {minutesAgo, storeSession} from '../support/stored-session.js'
import {Terminal} from '../support/terminal.js'

/** What a person sees who wants to go on with some session. */
describe('picking a session on a terminal', () => {
  let user: Sandbox
  let terminal: Terminal
  beforeEach(() => {
    user = new Sandbox({CLINVK_BACKEND: 'echo'})
    const resumable = {backend_session_id: 'x', backend_state: {turns: 1}, last_outcome: 'success'}
    storeSession(user, 'abc123', {
      ...resumable,
      last_used: minutesAgo(5),
      title: 'fix the bug in auth.go',
      token_usage: {input_tokens: 1000, output_tokens: 234},
    })
    storeSession(user, 'def456', {
      ...resumable,
      last_used: minutesAgo(130),
      title: '修复错误 in the parser '.repeat(9),
      working_dir: user.directory('elsewhere'),
    })
    storeSession(user, 'fed789', {last_used: minutesAgo(1), title: 'never got an answer'})
    terminal = new Terminal(user)
  })
  afterEach(() => {
    terminal.close()
    user.remove()
  })

  it('shows age, backend, directory, tokens and title of those that can go on, within the width', async () => {
    terminal.close()
    terminal = new Terminal(user, {columns: 120})
    terminal.type('clinvk resume --interactive "go on"')
    const screen = await terminal.shows(/Which session\?[^]*def456/)
    assert.match(
      screen,
      / abc12300 {2}5 minutes ago {2}echo {5}\S+project {4,}1,234 {3}fix the bug in auth\.go\n/,
    )
    assert.match(screen, / def45600 {2}2 hours ago {4}echo {5}\S+elsewhere +- {7}修复错误 in.*…\n/)
    assert.doesNotMatch(screen, /never got an answer/)
  })

  it('shows the title first of all on a narrow terminal, and stays when nothing matches', async () => {
    terminal.close()
    terminal = new Terminal(user, {columns: 60})
    terminal.type('clinvk resume -i "go on"')
    const screen = await terminal.shows(/Which session\?[^]*def456/)
    assert.match(screen, /\n {5}ID {8}LAST USED {6}BACKEND {2}TITLE\/PROMPT\n/)
    assert.match(screen, / abc12300 {2}5 minutes ago {2}echo {5}fix the bug in auth…\n/)
    terminal.type('nowhere')
    await terminal.shows(/No session matches what is typed/)
  })

  it('filters by what is typed, and goes on with what is taken', async () => {
    terminal.type('clinvk resume -i "go on"; echo code $?')
    await terminal.shows(/Which session\?/)
    terminal.type('parser ELSEWHERE')
    const screen = await terminal.shows(/turn 2 of our conversation\.\n.* tokens\ncode 0/)
    assert.match(screen, /Session def45600 continues in .*elsewhere\n/)
  })

  it('goes on by pages, and no further than its ends', async () => {
    for (let index = 10; index < 50; index++)
      storeSession(user, `cafe${index}`, {backend_session_id: 'x', last_used: minutesAgo(200 + index)})
    terminal.type('clinvk resume -i "go on"')
    await terminal.shows(/Which session\?[^]*● abc12300/)
    terminal.press('PageDown')
    await terminal.shows(/● cafe1300/)
    for (let page = 0; page < 9; page++) terminal.press('PageDown')
    await terminal.shows(/● cafe4900/)
    terminal.press('PageUp')
    await terminal.shows(/● cafe4400/)
  })

  it('opens for resume alone, and for filters without --last', async () => {
    terminal.type('clinvk resume')
    await terminal.shows(/abc12300[^]*def45600/)
    terminal.press('Escape')
    await terminal.shows(/\n[$#]$/)
    terminal.type('clear; clinvk resume --here --backend echo')
    const screen = await terminal.shows(/Which session\?[^]*abc12300/)
    assert.doesNotMatch(screen, /def45600/)
  })

  for (const [key, name] of [
    ['Escape', 'Esc'],
    ['C-c', 'Ctrl-C'],
  ] as const) {
    it(`is left by ${name} with 130, and touches nothing`, async () => {
      const before = user.sessions()
      terminal.type('clinvk resume "" -i; echo code $?')
      await terminal.shows(/Which session\?/)
      terminal.press(key)
      await terminal.shows(/\ncode 130\n/)
      assert.deepEqual(user.sessions(), before)
    })
  }

  it('says so when there is none', async () => {
    terminal.type('clinvk resume --backend codex; echo code $?')
    await terminal.shows(/There is no session of codex to resume\.[^]*code 4/)
  })
})

describe('a list on a terminal', () => {
  const user = new Sandbox().forEachTest()
  beforeEach(() => {
    for (let index = 10; index < 70; index++)
      storeSession(user, `abcdef${index}`, {last_used: minutesAgo(index), token_usage: {input_tokens: 1}})
  })

  it('has the newest 50, and says how to see all', async () => {
    const terminal = new Terminal(user, {rows: 60})
    terminal.type('clear; clinvk sessions list')
    const screen = await terminal.shows(/--limit 0 shows all\n60 sessions, 60 tokens\n/)
    assert.match(screen, /abcdef59 [^]*\n\n50 of 60; --limit 0 shows all/)
    assert.doesNotMatch(screen, /abcdef60/)
    terminal.close()
  })

  it('fits a narrow one, too', async () => {
    const terminal = new Terminal(user, {columns: 44})
    terminal.type('clear; clinvk sessions list -n 2; echo done')
    const screen = await terminal.shows(/\ndone\n/)
    assert.match(screen, /^ID {8}BACKEND .*…\nabcdef10 .*\nabcdef11 .*\n\n60 sessions, 60 tokens\ndone/)
    terminal.close()
  })
})
