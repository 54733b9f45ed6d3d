import assert from 'node:assert/strict'
import {readFileSync, rmSync, statSync} from 'node:fs'
import {join} from 'node:path'
import {parse} from 'yaml'
import {CliUser} from '../support/cli-user.js'
import {ends, json, jsonLines} from '../support/sandbox.js'
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

  it('is shown turn by turn: prompts quoted, answers as they are, a line for a tool', async () => {
    await turn('fix it\nplease', text('I *look*.'), call, result, text('Done.'))
    await turn('thanks', text('Bye'))
    const first =
      '## Turn 1, TIME, talker\n\n> fix it\n> please\n\nI *look*.\n\n- Bash: gh login (failed)\n\nDone.\n\n'
    const second = '## Turn 2, TIME, talker\n\n> thanks\n\nBye\n\n'
    assert.equal(await log('@last'), first + second)
    assert.equal(await log('@last', '--last', '1'), second)
    const tools = await log(String(user.sessions()[0]!.id).slice(0, 8), '--tools')
    assert.match(
      tools,
      /^- Bash: gh login \(failed\)\n\n {6}\{\n {8}"command": ".*"\n {6}\}\n\n {6}no such\n {6}file\n/m,
    )
  })

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

  it('says how a turn ended that was no success', async () => {
    willSay(user, text('I beg'))
    user.write(
      'plugins/clinvk-backend-talker/agent.js',
      "process.stdout.write(await (await import('node:fs/promises')).readFile('says.jsonl')); process.exit(3)",
    )
    await user.clinvk(['go'])
    assert.match(await log(String(user.sessions()[0]!.id)), /\n\nI beg\n\nEnded: failed\. it failed\n\n$/)
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
      stderr: /cannot be written: ENOENT/,
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

  it('may be one that the agent had alone, named by its id or the beginning of it', async () => {
    recordAll()
    assert.match(await log(CONVERSATION.slice(0, 8)), /> first\n\none\n/)
    const {session} = json(await user.clinvk(['sessions', 'log', CONVERSATION, '--json']))
    assert.deepEqual((session as {backend_session_id: string}).backend_session_id, CONVERSATION)
  })

  it('is named as missing where there is no such session, or nothing is kept of it', async () => {
    await ends(user.clinvk(['sessions', 'log', 'nobody']), {
      code: 4,
      stderr: /^Error: There is no session "nobody"\./,
    })
    await turn('go')
    rmSync(join(user.home, '.clinvk/transcripts'), {recursive: true})
    await ends(user.clinvk(['sessions', 'log', '@last']), {
      code: 4,
      stderr: /^Error: Nothing is kept of this conversation\./,
    })
  })
})
