import assert from 'node:assert/strict'
import {existsSync} from 'node:fs'
import {join} from 'node:path'
import {parse} from 'yaml'
import {CliUser} from '../support/cli-user.js'
import {json} from '../support/sandbox.js'
import {scenes} from '../support/scenes.js'
import {storeSession} from '../support/stored-session.js'

/** The rows of the user's guide, on the echo backend. */
describe('sessions', () => {
  const user = new CliUser({CLINVK_BACKEND: 'echo'}).forEachTest()

  const out = async (...words: string[]) => (await user.clinvk(words)).stdout
  const put = (id: string, fields: object) => storeSession(user, id, fields)

  scenes(user, 'sessions')

  it('are shown as the guide shows, in valid YAML whatever the texts hold', async () => {
    put('abc123', {
      backend: 'claude',
      model: 'claude-opus-4-5-20251101',
      title: 'a: b #c',
      last_outcome: 'success',
      working_dir: '/projects/my app',
      initial_prompt: '- "x"\n\tü: \u0007',
      tags: ['a', 'b: c'],
      turn_count: 3,
      last_used: '2025-01-27T12:30:00.123+01:00',
      token_usage: {input_tokens: 1234, output_tokens: 5678, cached_tokens: 500},
      name: 'auth-fix',
      parent_id: 'fed',
      error_message: 'it broke',
      metadata: {ticket: 'A: 1'},
    })
    const stdout = await out('sessions', 'show', 'abc123')
    assert.match(
      stdout,
      /^ID: {16}abc12300000000000000000000000000\nName: {14}auth-fix\nBackend: {11}claude\nModel: {13}claude-opus-4-5-20251101\nStatus: {12}active\nCreated: {11}2025-01-27T10:00:00Z\nLast Used: {9}2025-01-27T11:30:00Z \(\d+ (month|year)s? ago\)\nWorking Directory: \/projects\/my app\n/,
    )
    assert.match(
      stdout,
      /\nToken Usage:\n {2}Input: {11}1,234\n {2}Output: {10}5,678\n {2}Cached: {10}500\n {2}Total: {11}6,912\nMetadata:\n {2}ticket: {10}"A: 1"\n$/,
    )
    const shown = parse(stdout) as Record<string, unknown>
    assert.equal(shown.Title, 'a: b #c')
    assert.equal(shown['Initial Prompt'], '- "x"\n\tü: \u0007')
    assert.equal(shown.Tags, 'a, b: c')
    assert.equal(shown.Turns, 3)
    assert.deepEqual(
      [shown.Name, shown['Parent Session'], shown.Error, shown.Metadata],
      ['auth-fix', 'fed', 'it broke', {ticket: 'A: 1'}],
    )
    const asJson = json(await user.clinvk(['sessions', 'show', 'abc123', '--json']))
    assert.deepEqual(
      [asJson.title, asJson.status, asJson.resumable, asJson.total_tokens],
      ['a: b #c', 'active', false, 6912],
    )
  })

  it('are not made by --ephemeral or --dry-run, nor by a turn that cannot start', async () => {
    await user.clinvk(['--ephemeral', 'quick question'])
    const dry = await user.clinvk(['--dry-run', `it's "me"`])
    assert.match(dry.stdout, /^Would execute: printf %s 'it'\\''s "me"' \| /)
    await user.clinvk(['-b', 'nope', 'x y'])
    await user.clinvk(['--max-turns', '3', 'x y'])
    assert.deepEqual(user.sessions(), [])
    assert.equal(existsSync(join(user.home, '.clinvk')), false)
    const pasted = await user.run('sh', ['-c', dry.stdout.split('\n')[0]!.replace('Would execute: ', '')])
      .finished
    assert.match(pasted.stdout, /"text":"You "/)
  })
})
