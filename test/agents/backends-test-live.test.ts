import assert from 'node:assert/strict'
import {existsSync} from 'node:fs'
import {join} from 'node:path'
import {ClaudeUser} from '../support/agent-user.js'
import {startModelServer} from '../support/model-server/index.js'
import {json} from '../support/sandbox.js'

describe('backends test --live on a real agent', () => {
  it('proves resume, ephemeral, sandbox and cancel of the real claude, in a home that is gone afterwards', async () => {
    const server = await startModelServer()
    const ada = new ClaudeUser(server.url)
    try {
      server.when('Count slowly', {text: 'one two three four five six', hang: 'stream'})
      server.when(
        'proof.txt',
        {tools: [{name: 'Write', input: {file_path: 'proof.txt', content: 'proof'}}]},
        {text: 'I may not.'},
      )
      const {ANTHROPIC_API_KEY: key, ANTHROPIC_BASE_URL: url} = ada.env
      const words = ['backends', 'test', 'claude', '--live', '--yes', '--json']
      const finished = await ada.clinvk([
        ...words,
        '--env',
        'ANTHROPIC_API_KEY',
        '--env',
        `ANTHROPIC_BASE_URL=${url}`,
      ])
      const {backends, ok} = json(finished) as {
        ok: boolean
        backends: {level: string; not_proven: string[]; checks: {id: string; state: string}[]}[]
      }
      const [report] = backends
      assert.deepEqual(
        report!.checks.filter(({state}) => state === 'failed'),
        [],
      )
      assert.deepEqual([finished.code, ok, report!.level, report!.not_proven], [0, true, 'live', []])
      assert.ok(server.calls.every(({headers}) => JSON.stringify(headers).includes(key!)))
      assert.ok(!existsSync(join(ada.home, '.claude')))
      assert.deepEqual(ada.processes(), [])
    } finally {
      ada.remove()
      await server.close()
    }
  })
})
