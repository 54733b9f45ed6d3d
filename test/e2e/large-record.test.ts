import assert from 'node:assert/strict'
import {closeSync, openSync, readFileSync, writeSync} from 'node:fs'
import {join} from 'node:path'
import {linkKeeperAgent} from '../support/keeper-agent.js'
import {ends, ROOT, Sandbox} from '../support/sandbox.js'

describe('a record', () => {
  const user = new Sandbox().forEachTest()
  const id = '759bf483-1111-4222-8333-444455556666'
  const at = '2026-01-02T03:04:05.000Z'

  it('of 2 GB is read in bounded memory, to be found and shown', async function () {
    // Some GB are read.
    this.timeout(240_000)
    linkKeeperAgent(user)
    const file = openSync(user.write(`.keeper/${id}.jsonl`, '{"cwd":"/"}\n'), 'r+')
    // Between the lines are holes, of which each reads as a line that is too long.
    const said = (role: string, text: string) => `\n${JSON.stringify({type: 'text', role, text, at})}\n`
    for (let turn = 1; turn <= 16; turn++)
      for (const [half, role] of ['user', 'assistant'].entries())
        writeSync(file, said(role, `owl ${turn}`), (turn * 2 + half) * 64 * 1024 * 1024)
    closeSync(file)
    await isReadInBoundedMemory(/^## Turn 16,.*\n\n> owl 16\n\nowl 16\n\n$/)
  })

  it('of gemini, which writes messages again when it resumes, is read in bounded memory, too', async function () {
    this.timeout(120_000)
    const header = {sessionId: id, projectHash: 'x', startTime: at, lastUpdated: at, kind: 'main'}
    const path = user.write(
      `.gemini/tmp/project/chats/session-2026-01-02T03-04-${id.slice(0, 8)}.jsonl`,
      `${JSON.stringify(header)}\n`,
    )
    const file = openSync(path, 'a')
    const messages = Array.from({length: 400}, (_, index) => ({
      ...{id: `m${index}`, timestamp: at},
      ...(index % 2 === 0
        ? {type: 'user', content: [{text: `owl ${index}`}]}
        : {type: 'gemini', content: `owl ${index} ${'o'.repeat(2 ** 21)}`}),
    }))
    for (const message of messages) writeSync(file, `${JSON.stringify(message)}\n`)
    writeSync(file, `${JSON.stringify({$set: {messages: messages.slice(-4)}})}\n`)
    closeSync(file)
    await isReadInBoundedMemory(/^## Turn 200,.*\n\n> owl 398\n\nowl 399 o+\n\n$/)
  })

  async function isReadInBoundedMemory(end: RegExp): Promise<void> {
    for (const [words, expected] of [
      [['history', 'sync'], /^Read 1 of 1 conversation\.\n$/],
      [['sessions', 'log', id, '--last', '1'], end],
    ] as const) {
      const peak = join(user.home, 'peak')
      const env = {NODE_OPTIONS: `--require ${ROOT}test/support/peak-memory.cjs`, PEAK_MEMORY: peak}
      await ends(user.clinvk(words, {env}), {code: 0, stdout: expected, stderr: ''})
      const mib = Math.round(Number(readFileSync(peak, 'utf8')) / 1024)
      process.stdout.write(`      ${words[0]}: ${mib} MiB\n`)
      assert.ok(mib < 300, `${words.join(' ')}: ${mib} MiB`)
    }
  }
})
