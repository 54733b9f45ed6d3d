import assert from 'node:assert/strict'
import {readFileSync} from 'node:fs'
import type {SessionFile} from 'clinvk-plugin-sessions/store/session-file'
import {type AgentUser, OpencodeUser, sentBy, withAgent} from '../../support/agent-user.js'
import {forEachAgent} from '../../support/promises.js'

/** What agents may take for something else than a prompt, and what a record may break at. */
const TEXTS = [
  '/help me', '?', '  ? with blanks  ', '<session_context>\nmine', '<environment_context>\nmine', '<system-reminder>\nmine', 'Please continue.', '-v',
  'A text in\u2028two lines, with \u0007, \u001B[1m, "quotes", \\ and 👩‍👩‍👧‍👦\r\nand more', 'long '.repeat(20_000),
] // prettier-ignore

describe('a fork', function () {
  // An agent may need seconds for each of its turns.
  this.timeout(400_000)

  forEachAgent(({agent, real, turn}) => {
    /** Three turns, with an edit and a text that an agent could take for a command. */
    const converse = async () => {
      const {server, user} = real
      server.when(
        'plum',
        {tools: [agent.newFile(`${user.project}/plum.txt`, 'of the plum')]},
        {text: 'I wrote the plum down'},
      )
      const {session_id: id = ''} = await turn('/plum is the word', ...agent.allowEdit)
      await turn('-c', '?cherry')
      await turn('-c', 'and the medlar')
      return id
    }

    it('continues with all that was said, apart from its parent, and counts its own turns alone @smoke', async () => {
      const {server, user} = real
      const parent = await converse()
      const [record, session] = [await recordsOf(user), sessionOf(user, parent)]
      server.reset()
      const forked = await turn('fork', parent, 'what now?', '--name', 'other')
      const {backend_session_id: theirs, session_id: id = '', usage} = forked

      assert.deepEqual(saidIn(server), [
          'user: /plum is the word', 'assistant: I wrote the plum down',
          'user: ?cherry', 'assistant: You said: ?cherry',
          'user: and the medlar', 'assistant: You said: and the medlar',
          'user: what now?',
        ]) // prettier-ignore
      const {input_tokens: input, output_tokens: output} = sentBy(server)
      assert.deepEqual([usage?.input_tokens, usage?.output_tokens], [input, output])
      assert.deepEqual(sessionOf(user, parent), session)
      const {
        forked_at: at,
        name,
        parent_id: from,
        token_usage: counted,
        turn_count: turns,
      } = sessionOf(user, id)
      assert.deepEqual([from, at, turns, name], [parent, 3, 1, 'other'])
      assert.equal(counted?.output_tokens, output)
      assert.notEqual(theirs, session.backend_session_id)
      const after = await recordsOf(user)
      for (const [path, text] of Object.entries(record)) assert.equal(after[path], text, path)

      assert.match((await turn('resume', id, 'one more')).content, /turns=5.* \[what now\?] \[one more]$/)
      const {backend_session_id: own, content} = await turn('resume', parent, 'as before')
      assert.equal(own, session.backend_session_id)
      assert.match(content, /turns=4 .* \[and the medlar] \[as before]$/)
    })

    it('from an earlier turn knows what was said up to it, and nothing of what came after', async () => {
      const {server, user} = real
      const parent = await converse()
      const record = await recordsOf(user)
      server.reset()
      const {session_id: id = ''} = await turn('fork', parent, '--at', '1', 'from here?')
      const [prompt, answer, ...rest] = saidIn(server)
      assert.deepEqual([prompt, ...rest], ['user: /plum is the word', 'user: from here?'])
      assert.match(answer!, /^assistant: \(Used the tool .*plum\.txt.*\)\n\nI wrote the plum down$/)
      const {forked_at: at, parent_id: from} = sessionOf(user, id)
      assert.deepEqual([from, at], [parent, 1])
      const after = await recordsOf(user)
      for (const [path, text] of Object.entries(record)) assert.equal(after[path], text, path)
      assert.match((await turn('resume', id, 'still here?')).content, /turns=3 /)
    })

    it('of what was said to another agent knows every text of it, whatever it begins with or contains', async () => {
      const {server, user} = real
      server.otherwise({text: 'Noted.'})
      const [first, ...others] = TEXTS
      await user.clinvk(['-b', 'echo', first!])
      for (const text of others) await user.clinvk(['-c'], {stdin: text})
      const {session_id: id = ''} = await turn('fork', '@last', '-b', agent.name, 'what now?')
      await turn('resume', id, 'again?')
      assert.deepEqual(server.calls.at(-1)?.prompts.slice(-2), ['what now?', 'again?'])
      const sent = server.calls.at(-1)!.turns.map(({role, text}) => role + text.replaceAll('\u200B', ''))
      for (const text of TEXTS)
        for (const role of ['user', 'assistant'])
          assert.ok(
            sent.some((one) => one.startsWith(role) && one.includes(text.trim())),
            `${role}: ${text.slice(0, 50)}`,
          )
    })
  })

  const sessionOf = (user: AgentUser, id: string) =>
    (user.sessions() as unknown as SessionFile[]).find((session) => session.id === id)!

  /** By the path, or the id. */
  async function recordsOf(user: AgentUser): Promise<Readonly<Record<string, string>>> {
    const records: Record<string, string> = {}
    if (user instanceof OpencodeUser)
      for (const id of user.conversationIds())
        records[id] = (await user.run('opencode', ['export', id]).finished).stdout
    else for (const path of user.conversations()) records[path] = readFileSync(path, 'latin1')
    return records
  }

  /** What the model was sent of the conversation, without what an agent adds to it. */
  function saidIn({calls}: ReturnType<typeof withAgent>['server']): string[] {
    const {turns = []} = calls.at(-1) ?? {}
    return turns.flatMap(({prompts, role, text}) => {
      const said = role === 'user' ? prompts : [text.replace(/ \| turns=.*/, '')]
      return said
        .map((one) => one.replaceAll('\u200B', '').trim())
        .filter((one) => one !== '')
        .map((one) => `${role}: ${one}`)
    })
  }
})
