import assert from 'node:assert/strict'
import {appendFileSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {CliUser} from '../../support/cli-user.js'
import {linkKeeperAgent} from '../../support/keeper-agent.js'
import {ends} from '../../support/sandbox.js'

const ID = '759bf483-1111-4222-8333-444455556666'
const AT = '2026-01-02T03:04:05.000Z'
const EVIL = 'owl \u001B]0;title\u0007\u001B[8m\u009B31m\u202E\r\u0000<script>x</script> hoots'

/** Where an agent keeps a conversation, and the lines of one in which EVIL is said by the user, by the agent and by a tool. */
const records: Record<string, [path: string, lines: object[]]> = {
  keeper: [
    `.keeper/${ID}.jsonl`,
    [
      {cwd: `/srv/${EVIL}`, title: EVIL, at: AT},
      {type: 'text', role: 'user', text: EVIL, at: AT},
      {type: 'tool_call', role: 'assistant', callId: EVIL, name: EVIL, input: {a: EVIL}, at: AT},
      {type: 'tool_result', role: 'tool', callId: EVIL, output: EVIL, isError: false, at: AT},
      {type: 'text', role: 'assistant', text: EVIL, model: EVIL, at: AT},
      {type: 'call', model: EVIL, inputTokens: 1, outputTokens: 1, at: AT},
    ],
  ],
  claude: [
    `.claude/projects/-work/${ID}.jsonl`,
    [
      {type: 'summary', summary: EVIL},
      {type: 'user', uuid: '1', timestamp: AT, cwd: `/srv/${EVIL}`, message: {role: 'user', content: EVIL}},
      {
        type: 'assistant',
        uuid: '2',
        timestamp: AT,
        message: {
          id: 'm',
          model: EVIL,
          usage: {input_tokens: 1, output_tokens: 1},
          content: [{type: 'text', text: EVIL}, {type: 'tool_use', id: EVIL, name: EVIL, input: {command: EVIL}}],
        },
      },
      {type: 'user', uuid: '3', timestamp: AT, message: {content: [{type: 'tool_result', tool_use_id: EVIL, content: EVIL}]}},
    ],
  ],
  codex: [
    `.codex/sessions/2026/01/02/rollout-2026-01-02T03-04-05-${ID}.jsonl`,
    [
      {type: 'session_meta', timestamp: AT, payload: {id: ID, timestamp: AT, cwd: `/srv/${EVIL}`}},
      {type: 'turn_context', timestamp: AT, payload: {model: EVIL}},
      {type: 'event_msg', timestamp: AT, payload: {type: 'user_message', message: EVIL}},
      {type: 'response_item', timestamp: AT, payload: {type: 'function_call', call_id: EVIL, name: EVIL, arguments: JSON.stringify({command: EVIL})}},
      {type: 'response_item', timestamp: AT, payload: {type: 'function_call_output', call_id: EVIL, output: EVIL}},
      {type: 'event_msg', timestamp: AT, payload: {type: 'agent_message', message: EVIL}},
    ],
  ],
  gemini: [
    `.gemini/tmp/app/chats/session-2026-01-02T03-04-${ID.slice(0, 8)}.jsonl`,
    [
      {sessionId: ID, projectHash: 'x', startTime: AT, lastUpdated: AT},
      {id: '1', timestamp: AT, type: 'user', content: [{text: EVIL}]},
      {
        id: '2',
        timestamp: AT,
        type: 'gemini',
        model: EVIL,
        content: EVIL,
        toolCalls: [{id: EVIL, name: EVIL, args: {command: EVIL}, status: 'success', timestamp: AT, result: [{functionResponse: {id: EVIL, response: {output: EVIL}}}]}],
      },
      {$set: {summary: EVIL}},
    ],
  ],
} // prettier-ignore

describe('a record that is damaged or hostile', () => {
  const user = new CliUser().forEachTest()
  beforeEach(() => linkKeeperAgent(user))

  const deep = '['.repeat(100_000) + ']'.repeat(100_000)
  const noise = [
    ...['', '{"type":"user","mess', '\0\u0001\uFFFD', 'null', '5', '[]', '{"__proto__":{"type":"user","text":"owl"}}'],
    ...['"input"', '"content"', '"payload"', '"message"', '"$set"'].map((key) => `{"type":"tool_call","role":"assistant","id":"d","name":"d","callId":"d","at":"${AT}",${key}:${deep}}`),
  ] // prettier-ignore

  for (const [agent, [path, lines]] of Object.entries(records))
    it(`of ${agent} is told as far as it is whole, with nothing that a terminal obeys`, async () => {
      const texts = lines.map((line) => JSON.stringify(line))
      const all = [...texts.slice(0, 2), ...noise, ...texts.slice(2)]
      user.write(path, `${all.join('\n')}\n${texts.at(-1)!.slice(0, -9)}`)
      user.write(path.replace('759bf483', '00000000'), '')
      user.write(path.replace('759bf483', '11111111'), Buffer.from([0, 255, 10, 254, 31, 139, 8]))
      const log = ['sessions', 'log', ID]
      const exported = ['sessions', 'export', ID, '--tools', '--format']
      for (const words of [
        ['history', 'sync'],
        ['search', 'owl'],
        ['search', '--tool', 'owl', '--json'],
        ...[[], ['--tools'], ['--json'], ['-o', 'stream-json']].map((flags) => [...log, ...flags]),
        ...['markdown', 'html', 'json'].map((format) => [...exported, format]),
        ['sessions', 'show', ID],
        ['sessions', 'list', '--all'],
        ['usage', '--by', 'model', '--since', '2026-01-01'],
        ['usage', '--csv', '--since', '2026-01-01'],
        ['resume', ID, '--dry-run', 'go on'],
      ]) {
        // Data is what it is for programs, and is made visible for people.
        const onTerminal = /json|csv|show/.test(words.join(' '))
        const {code, stderr, stdout} = await user.clinvk(words, {onTerminal, env: {PAGER: 'cat'}})
        assert.equal(code, 0, `${words.join(' ')}: ${stderr}`)
        assert.doesNotMatch(
          stdout + stderr,
          /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u202E]/,
          words.join(' '),
        )
        if (words[1] === 'log' || words[0] === 'search')
          assert.ok(stdout.includes('hoots'), words.join(' ') + JSON.stringify(stdout) + stderr)
      }
    })

  it('that grows while it is read is found as far as it was whole, and the rest the next time', async () => {
    const said = (text: string) => `${JSON.stringify({type: 'text', role: 'user', text, at: AT})}\n`
    const path = user.write(`.keeper/${ID}.jsonl`, `{"cwd":"/"}\n${said('one owl')}`)
    const module = join(user.home, 'plugins/clinvk-backend-keeper/index.js')
    const [half, rest] = [said('two foxes').slice(0, 40), said('two foxes').slice(40)]
    // The agent writes half a line while its record is open.
    const grow = `for await (const line of files.lines(paths[0])) {
      if (line.includes('owl')) (await import('node:fs')).appendFileSync(paths[0], ${JSON.stringify(half)})`
    const code = readFileSync(module, 'utf8')
    writeFileSync(module, code.replace('for await (const line of files.lines(paths[0])) {', grow))
    const totals = async () => {
      const found = []
      for (const word of ['owl', 'two', 'foxes'])
        found.push(/"total": (\d+)/.exec((await user.clinvk(['search', '--json', word])).stdout)?.[1])
      return found
    }
    await ends(user.clinvk(['history', 'sync']), {code: 0, stdout: /^Read 1 of 1/, stderr: ''})
    assert.deepEqual(await totals(), ['1', '0', '0'])
    appendFileSync(path, rest)
    await ends(user.clinvk(['history', 'sync']), {code: 0, stdout: /^Read 1 of 1/, stderr: ''})
    assert.deepEqual(await totals(), ['1', '1', '1'])
  })

  it('is found also where what is known of conversations is damaged: they are read again', async () => {
    user.write(
      `.keeper/${ID}.jsonl`,
      `{"cwd":"/"}\n${JSON.stringify({type: 'text', role: 'user', text: 'owl', at: AT})}\n`,
    )
    await ends(user.clinvk(['history', 'sync']), {code: 0})
    const path = join(user.home, '.clinvk/history/sources.json')
    const {index, sources, version} = JSON.parse(readFileSync(path, 'utf8')) as Record<string, object>
    const [key = ''] = Object.keys(sources!)
    for (const damaged of [{}, [], {[key]: null}, {[key]: 7}, {[key]: {stamp: 7, about: null}}, {x: {}}]) {
      writeFileSync(path, JSON.stringify({version, index, sources: damaged}))
      await ends(user.clinvk(['history', 'sync']), {code: 0, stderr: ''})
      assert.match((await user.clinvk(['search', '--json', 'owl'])).stdout, /"total": 1/)
    }
  })
})
