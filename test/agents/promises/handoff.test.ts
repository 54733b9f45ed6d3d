import assert from 'node:assert/strict'
import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {result, withEveryAgent} from '../../support/agent-user.js'
import {type Agent, AGENTS} from '../../support/agents.js'

/** Every pair; those of a ring, in which each hands over once and takes over once, with every change. */
const RING = ['claude codex', 'codex gemini', 'gemini opencode', 'opencode claude']

describe('a conversation', function () {
  // Two agents start, opencode several times.
  this.timeout(240_000)
  const machine = withEveryAgent()

  for (const from of AGENTS) {
    describe(from.name, () => {
      for (const to of AGENTS.filter((other) => other !== from)) {
        const smoke = RING.includes(`${from.name} ${to.name}`) ? ' @smoke' : ''
        it(`that is handed to ${to.name} continues there with every prompt and answer${smoke}`, async () => {
          const {server, user} = machine
          const path = join(user.project, `${from.name}-${to.name}.txt`)
          server.when('write it', {tools: [from.newFile(path, 'sour')]}, {text: 'The plum is written'})
          server.when('the cherry', {text: 'The cherry is sweet'})
          server.when('the medlar', {text: 'The medlar is soft'})
          const turn = async (agent: Agent, ...words: string[]) =>
            result(await user.clinvk([...words, ...agent.always, '-o', 'json']))
          const {session_id: id = ''} = await turn(from, '-b', from.name, 'write it', ...from.allowEdit)
          assert.equal(readFileSync(path, 'utf8').trim(), 'sour')
          await turn(from, 'resume', id, 'the cherry')
          await turn(from, 'resume', id, 'the medlar')
          const before = server.calls.length
          const finished = await user.clinvk([
            'fork',
            id,
            '-b',
            to.name,
            'which fruits?',
            ...to.always,
            '-o',
            'json',
          ])
          const {content, session_id: fork = ''} = result(finished)
          assert.match(content, /seen: \[write it\] \[the cherry\] \[the medlar\] \[which fruits\?\]/)
          assert.match(finished.stderr, RegExp(`Carried 6 messages from ${from.name} to ${to.name} `))
          const known = server.calls
            .slice(before)
            .at(-1)!
            .turns.filter(({role}) => role === 'assistant')
          const answers = known.map(({text}) => text).join('\n')
          for (const answer of ['The plum is written', 'The cherry is sweet', 'The medlar is soft'])
            assert.match(answers, RegExp(answer))
          assert.match(answers, RegExp(`Used the tool .*${from.name}-${to.name}\\.txt`))
          assert.match((await turn(to, 'resume', fork, 'and?')).content, /\[which fruits\?\] \[and\?\]/)
          assert.match((await turn(from, 'resume', id, 'still?')).content, /\[the medlar\] \[still\?\]/)
        })
      }
    })
  }
})
