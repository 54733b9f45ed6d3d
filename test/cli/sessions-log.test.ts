import assert from 'node:assert/strict'
import {readFileSync, rmSync, statSync} from 'node:fs'
import {join} from 'node:path'
import {parse} from 'yaml'
import {CliUser} from '../support/cli-user.js'
import {ends, json, jsonLines} from '../support/sandbox.js'
import {scenes} from '../support/scenes.js'
import {CONVERSATION, hasRecorded, linkTalkingAgent, willSay} from '../support/talking-agent.js'

const TOKEN = `ghp_${'a1B2'.repeat(9)}`

describe('a conversation that was had', () => {
  const user = new CliUser({CLINVK_BACKEND: 'talker', TZ: 'UTC'}).forEachTest()
  beforeEach(() => linkTalkingAgent(user))

  const text = (piece: string) => ({type: 'text', text: piece})
  const call = {
    type: 'tool_call',
    id: 'c',
    name: 'Bash',
    input: {command: `TALKER_TOKEN=x1 gh login ${TOKEN}`},
    target: 'gh login',
  }
  const result = {type: 'tool_result', id: 'c', output: 'no such\nfile', is_error: true}

  async function turn(prompt: string, ...events: readonly object[]): Promise<void> {
    willSay(user, ...events)
    await ends(user.clinvk(user.sessions().length === 0 ? [prompt] : ['-c', prompt]), {code: 0})
  }

  const log = async (...words: string[]) => {
    const {stdout} = await ends(user.clinvk(['sessions', 'log', ...words]), {code: 0, stderr: ''})
    return stdout.replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, 'TIME')
  }

  /** What the agent has written down of the turns so far, and of one in its own program afterwards. */
  function recordAll(): void {
    const now = Date.now()
    const said = (id: string, role: string, what: string, after = 0) => ({
      id,
      type: 'text',
      role,
      text: what,
      at: new Date(now + after).toISOString(),
      model: 'talker-1',
    })
    hasRecorded(
      user,
      said('a', 'user', 'first'),
      said('b', 'assistant', 'one'),
      said('c', 'user', 'by hand', 3_600_000),
      said('d', 'assistant', '**two**', 3_600_000),
    )
  }

  scenes(user, 'log')

  it('has what was said in the agent’s own program, and nothing twice; what the agent lost is still there', async () => {
    await turn('first', text('one'))
    recordAll()
    const all = ['> first', 'one', '> by hand', '**two**']
    const said = async () => (await log('@last')).split('\n').filter((line) => /^[^#]/.test(line))
    assert.deepEqual(await said(), all)
    const {messages} = json(await user.clinvk(['sessions', 'log', '@last', '--json'])) as {
      messages: {source: string}[]
    }
    assert.ok(messages.length === 4 && messages.every(({source}) => source === 'agent'))
    rmSync(join(user.home, '.talker'), {recursive: true})
    assert.deepEqual(await said(), all.slice(0, 2))
  })

  it('is JSON for scripts, and a message a line with -o stream-json', async () => {
    await turn('go', text('Hi'), call, result)
    const whole = json(await user.clinvk(['sessions', 'log', '@last', '--json']))
    const messages = whole.messages as Record<string, unknown>[]
    assert.deepEqual([whole.version, (whole.session as {id: string}).id], [1, user.sessions()[0]!.id])
    const kinds = messages.map(({role, turn: number, type}) => [number, role, type].join(' '))
    assert.deepEqual(kinds, [
      '1 user text',
      '1 assistant text',
      '1 assistant tool_call',
      '1 tool tool_result',
    ])
    const [, , asked, answered] = messages
    assert.deepEqual([asked?.call_id, asked?.input, answered?.is_error], ['c', call.input, true])
    assert.equal((whole.turns as {outcome: string}[])[0]?.outcome, 'success')
    assert.deepEqual(jsonLines(await user.clinvk('sessions log @last -o stream-json')), messages)
  })

  it('shows no control character of a record, in no form of it', async () => {
    const evil = 'a\u001B]0;title\u0007\u001B[8m\u202E<script>alert(1)</script>\r\nb'
    await turn(`go ${evil}`, text(evil), {...call, name: evil, target: evil}, {...result, output: evil})
    for (const words of [
      ['log', '@last', '--tools'],
      ['export', '@last', '--tools'],
      ['export', '@last', '--format', 'html'],
    ]) {
      const {stdout} = await user.clinvk(['sessions', ...words])
      assert.doesNotMatch(stdout, /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u202E]/)
      assert.match(stdout, /\\u001b\]0;title/)
      if (words.includes('html')) assert.doesNotMatch(stdout, /<script|onerror=/)
    }
  })

  it('is exported for its owner alone, without secrets, and replaces no file unless told to', async () => {
    await turn(`my key is ${TOKEN}`, text('ok'), call, result)
    const path = join(user.project, 'log.md')
    for (const format of ['markdown', 'html', 'json']) {
      rmSync(path, {force: true})
      const words = ['sessions', 'export', '@last', '--format', format, '--tools', '-O', 'log.md']
      await ends(user.clinvk(words), {code: 0, stdout: 'Written: log.md\n'})
      const written = readFileSync(path, 'utf8')
      assert.equal(statSync(path).mode & 0o777, 0o600)
      assert.doesNotMatch(written, /ghp_|=x1/)
      assert.match(written, /my key is \[redacted\]/)
      if (format === 'json') JSON.parse(written)
      await ends(user.clinvk(words), {
        code: 1,
        stderr: /^Error: .*log\.md exists already\.\n {2}Replace it: --force\n$/,
      })
      await ends(user.clinvk([...words, '--force', '--no-redact']), {code: 0})
      assert.match(readFileSync(path, 'utf8'), /ghp_/)
    }

    await ends(user.clinvk(['sessions', 'export', '@last', '-O', 'missing/x']), {
      code: 1,
      stderr: /cannot be written: .*\(ENOENT\)/,
    })
  })

  it('is summed up by sessions show: messages, the last answer, where it is written down', async () => {
    await turn('go', text('Done: x\nand more'))
    recordAll()
    const transcript = join(user.home, '.clinvk/transcripts', `${String(user.sessions()[0]!.id)}.jsonl`)
    const record = join(user.home, '.talker', `${CONVERSATION}.jsonl`)
    const shown = parse((await user.clinvk(['sessions', 'show', '@last'])).stdout) as Record<string, unknown>
    assert.deepEqual(
      [shown.Messages, shown['Last Answer'], shown.Records],
      [6, '**two**', [transcript, record]],
    )
    const {last_answer, messages, records} = json(await user.clinvk(['sessions', 'show', '@last', '--json']))
    assert.deepEqual([messages, last_answer, records], [6, '**two**', [transcript, record]])
  })
})
