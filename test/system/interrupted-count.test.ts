import assert from 'node:assert/strict'
import {existsSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {linkKeeperAgent} from '../support/keeper-agent.js'
import {ends, Sandbox} from '../support/sandbox.js'
import {Terminal} from '../support/terminal.js'
import {waitFor} from '../support/wait-for.js'

describe('a session whose turns are counted', () => {
  it('has them all, although somebody presses Ctrl-C meanwhile', async () => {
    const user = new Sandbox()
    linkKeeperAgent(user)
    const slow = user.write('slow', '')
    const counting = join(user.home, 'counting')
    const module = join(user.home, 'plugins/clinvk-backend-keeper/index.js')
    const code = readFileSync(module, 'utf8')
      .replace('plan:', "interactive: ({id}) => ({kind: 'program', args: ['resume', id]}),\n  plan:")
      .replace(
        'if (cwd) yield',
        `if (entry.text?.startsWith('typed')) {
            const {existsSync, writeFileSync} = await import('node:fs')
            writeFileSync('${counting}', '')
            while (existsSync('${slow}')) await new Promise((resolve) => setTimeout(resolve, 20))
          }
          if (cwd) yield`,
      )
    writeFileSync(module, code)
    const terminal = new Terminal(user)
    try {
      await ends(user.clinvk(['-b', 'keeper', 'one apple']), {code: 0})
      terminal.type('clinvk resume @last; echo code $?')
      await terminal.shows(/continues in Keeper itself/)
      terminal.type('typed here')
      terminal.press('C-d')
      await waitFor('the turns are counted', () => existsSync(counting))
      terminal.press('C-c')
      await terminal.shows(/\^C/)
      rmSync(slow)
      await terminal.shows(/: 1 turn, 110 tokens\. Resume it: [^]*\ncode 0\n/)
      const [{running, token_usage, turn_count} = {}] = user.sessions()
      assert.deepEqual(
        [running, turn_count, token_usage],
        [undefined, 2, {input_tokens: 200, output_tokens: 20}],
      )
    } finally {
      terminal.close()
      user.remove()
    }
  })
})
