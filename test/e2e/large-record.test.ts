import assert from 'node:assert/strict'
import {closeSync, openSync, readFileSync, writeSync} from 'node:fs'
import {join} from 'node:path'
import {linkKeeperAgent} from '../support/keeper-agent.js'
import {ends, ROOT, Sandbox} from '../support/sandbox.js'

describe('a record of 2 GB', () => {
  const user = new Sandbox().forEachTest()

  it('is read in bounded memory, to be found and shown', async function () {
    // Some GB are read.
    this.timeout(240_000)
    linkKeeperAgent(user)
    const id = '759bf483-1111-4222-8333-444455556666'
    const file = openSync(user.write(`.keeper/${id}.jsonl`, '{"cwd":"/"}\n'), 'r+')
    // Between the lines are holes, of which each reads as a line that is too long.
    const said = (role: string, text: string) =>
      `\n${JSON.stringify({type: 'text', role, text, at: '2026-01-02T03:04:05.000Z'})}\n`
    for (let turn = 1; turn <= 16; turn++)
      for (const [half, role] of ['user', 'assistant'].entries())
        writeSync(file, said(role, `owl ${turn}`), (turn * 2 + half) * 64 * 1024 * 1024)
    closeSync(file)
    for (const [words, expected] of [
      [['history', 'sync'], /^Read 1 of 1 conversation\.\n$/],
      [['sessions', 'log', id, '--last', '1'], /^## Turn 16,.*\n\n> owl 16\n\nowl 16\n\n$/],
    ] as const) {
      const peak = join(user.home, 'peak')
      const env = {NODE_OPTIONS: `--require ${ROOT}test/support/peak-memory.cjs`, PEAK_MEMORY: peak}
      await ends(user.clinvk(words, {env}), {code: 0, stdout: expected, stderr: ''})
      const mib = Math.round(Number(readFileSync(peak, 'utf8')) / 1024)
      process.stdout.write(`      ${words[0]}: ${mib} MiB\n`)
      assert.ok(mib < 300, `${words.join(' ')}: ${mib} MiB`)
    }
  })
})
