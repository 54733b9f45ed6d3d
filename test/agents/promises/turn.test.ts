import assert from 'node:assert/strict'
import {existsSync, readdirSync, readFileSync} from 'node:fs'
import {join, relative} from 'node:path'
import type {Usage} from 'clinvk-contract'
import {result, sentBy} from '../../support/agent-user.js'
import {smokeOf} from '../../support/agents.js'
import {forEachAgent, keepsOrRefuses} from '../../support/promises.js'
import {each, ends, jsonLines} from '../../support/sandbox.js'
import {waitFor} from '../../support/wait-for.js'

describe('a turn', () => {
  forEachAgent(({agent, real}) => {
    const turn = async (...words: string[]) => result(await real.user.clinvk([...words, '-o', 'json']))
    const path = (name: string) => join(real.user.project, name)
    /** Whoever is asked to fix something, or to continue, wants a new file; gives the tool that makes one. */
    const wantsToWrite = () => {
      const tool = agent.newFile(path('new.txt'), 'fixed')
      const first = {thinking: 'hm', text: 'First.', tools: [tool]}
      real.server.when(/fix|continue/, first, {thinking: 'hm', text: 'Then.\n'})
      return tool.name
    }
    const sent = () => sentBy(real.server, agent.reasoning.tokens)

    /** The model that answers is one by this name, and named in the JSON and in the session. */
    const answeredBy = async (name: RegExp, ...words: string[]) => {
      const {model, usage} = await turn(...words)
      assert.match(model!, name)
      const called = agent.provider + real.server.calls.at(-1)!.model
      assert.deepEqual([model, real.user.session().model], [called, called])
      return usage!
    }

    it(`has its own usage, and the session sums up${smokeOf(agent, 'codex')}`, async () => {
      const {server, user} = real
      const usageOf = async (name: 'balanced' | 'best', ...words: string[]) => {
        server.reset()
        server.otherwise({thinking: 'hm, hm, hm', text: 'answered'})
        const {models, ...usage} = await answeredBy(
          agent.models[name],
          '-m',
          agent.names?.[name] ?? name,
          ...words,
        )
        assert.deepEqual(usage, sent())
        return usage
      }
      const first = await usageOf('balanced', 'one')
      const second = await usageOf('best', '-c', 'two')
      assert.ok(second.cached_tokens! > 0)
      const sum = (kind: 'input_tokens' | 'output_tokens' | 'cached_tokens' | 'reasoning_tokens') =>
        first[kind]! + second[kind]!
      assert.deepEqual(user.session().token_usage, {
        input_tokens: sum('input_tokens'),
        output_tokens: sum('output_tokens'),
        cached_tokens: sum('cached_tokens'),
        ...(agent.reasoning.tokens && {reasoning_tokens: sum('reasoning_tokens')}),
      })
    })

    it('counts every call of a tool loop, also where it is interrupted after a tool', async () => {
      const {server, user} = real
      const look = {tools: [agent.readFile(user.write('project/notes.txt', 'milk'))]}
      server.when('loop', look, look, {thinking: 'hm', text: 'looped'})
      const {usage: {models, ...usage} = {}} = await turn('loop', ...agent.always)
      assert.deepEqual([usage, server.calls.length], [sent(), 3])
      server.reset()
      server.when('stop', look, {text: 'begun', hang: 'stream'})
      const running = user.start(['-c', 'stop', ...agent.always, '-o', 'json'])
      const call = await server.arrived('stop', 2, 50_000)
      await waitFor('the answer begins', () => call.status === 200)
      running.child.kill('SIGINT')
      const stopped = result(await running.finished)
      assert.equal(stopped.exit_code, 130)
      // The call under way has told what it was sent, where the agent tells of that.
      assert.ok(stopped.usage!.total_tokens! >= sent().total_tokens!)
    })

    keepsOrRefuses(
      agent,
      real,
      "tells which model really answered, with --model fast and with the agent's own name for one",
      {option: '--model fast', words: ['one', '-m', 'fast']},
      async () => {
        await answeredBy(agent.models.fast, '-m', 'fast', 'one')
        await answeredBy(new RegExp(`^${agent.model}$`), '-m', agent.model, '-c', 'two')
      },
    )

    it('is answered under the system prompt of --system-prompt alone, also in a conversation under way', async () => {
      const {server, user} = real
      const systemOf = async (...words: string[]) => {
        await ends(user.clinvk([...words, ...agent.always]), {code: 0})
        return server.calls.at(-1)!.system
      }
      assert.ok((await systemOf('one')).includes(agent.systemPrompt))
      const system = await systemOf('-c', 'two', '--system-prompt', 'You are "Anna",\nand brief.')
      assert.ok(system.includes('You are "Anna",\nand brief.'), system)
      assert.ok(!system.includes(agent.systemPrompt), system)
      const left = readdirSync(user.env.TMPDIR!).filter((name) => name.startsWith('clinvk-'))
      assert.deepEqual(left, [])
    })

    it(`answers with the JSON that --schema asks for, on a second try where the first does not fit${smokeOf(agent, 'codex', 'gemini')}`, async () => {
      const {server, user} = real
      const schema = {
        type: 'object',
        properties: {bugs: {type: 'integer'}},
        required: ['bugs'],
        additionalProperties: false,
      }
      const answer = {bugs: 3}
      server.when('count', {text: 'There are three.'}, {text: 'Three.'})
      const given = agent.answerTool
        ? {tools: [{name: agent.answerTool, input: answer}]}
        : {text: `Here:\n\`\`\`json\n${JSON.stringify(answer)}\n\`\`\`\n`}
      server.when('does not fit', given)
      user.write('project/bugs.json', JSON.stringify(schema))
      const {models, ...usage} = (await turn('count', ...agent.always, '--schema', 'bugs.json')).usage!
      assert.deepEqual([usage, user.session().turn_count], [sent(), 2])
      const {stdout} = await user.clinvk(['-c', 'does not fit', '--schema', 'bugs.json', ...agent.always])
      assert.deepEqual(JSON.parse(stdout), answer)
      const isNative = agent.name === 'claude' || agent.name === 'codex'
      const {prompt, schema: told} = server.calls[0]!
      assert.deepEqual([told, prompt.includes('"bugs"')], isNative ? [schema, false] : [undefined, true])
    })

    it('edits files with --approval-mode auto, and is one stream of events with -o stream-json @smoke', async () => {
      const {server, user} = real
      const paths = [path('a.txt'), path('b.txt')]
      const tools = paths.map((file) => agent.newFile(file, 'new'))
      server.when('write', {thinking: 'hm', text: 'First.', tools}, {text: 'Then.'})
      const words = ['write them', ...agent.always, '--approval-mode', 'auto', '-o', 'stream-json']
      const events = jsonLines(await user.clinvk(words))
      assert.deepEqual(
        paths.map((file) => readFileSync(file, 'utf8')),
        ['new\n', 'new\n'],
      )

      assert.equal(events[0]?.version, 1)
      for (const {time} of events) assert.equal(new Date(String(time)).toISOString(), time)
      const ofType = (wanted: string) => events.filter(({type}) => type === wanted)
      const [session, ...sessions] = ofType('session')
      assert.deepEqual(sessions, [])
      assert.deepEqual(
        [session!.session_id, session!.backend_session_id],
        [user.session().id, user.session().backend_session_id],
      )
      assert.deepEqual(ofType('unparsed'), [])

      const calls = ofType('tool_call')
      assert.deepEqual(
        calls.map(({name, target}) => [name, target]),
        tools.map(({name}, index) => [name, paths[index]]),
      )
      // Several at once may end in any order.
      const byId = (events: typeof calls) => events.map(({id}) => String(id)).sort()
      assert.deepEqual(byId(ofType('tool_result')), byId(calls))
      assert.ok(ofType('tool_result').every(({is_error: isError}) => isError === false))

      const texts = (type: string) => ofType(type).map(({text}) => text)
      assert.equal(texts('reasoning').join(''), agent.reasoning.text ? 'hm' : '')
      assert.equal(texts('text').join(''), 'First.\n\nThen.')
      assert.equal(texts('text').length > 2, agent.streams)

      const [done, ...more] = ofType('done')
      assert.deepEqual([more, done], [[], events.at(-1)])
      const {cost, time, type, ...shape} = done!
      assert.equal(typeof cost, ['claude', 'opencode'].includes(agent.name) ? 'number' : 'undefined')
      assert.deepEqual(Object.keys(shape).sort(), RESULT)
      assert.deepEqual([done!.content, done!.denials], ['First.\n\nThen.', []])
      const totals = [ofType('usage').at(-1)!, done!].map(({usage}) => (usage as Usage).total_tokens)
      assert.equal(totals[0], totals[1])
    })

    it('that was denied a tool prints its answer alone, and says which command resumes it and does it @smoke', async () => {
      const {user} = real
      const tool = wantsToWrite()
      const denied = await user.clinvk(['fix it', ...agent.always])
      assert.deepEqual([denied.code, denied.stdout], [0, 'First.\n\nThen.\n'])
      assert.ok(!existsSync(path('new.txt')))
      const command = `clinvk resume ${user.session().id.slice(0, 8)} ${agent.allowEdit.join(' ')} continue`
      assert.equal(
        denied.stderr,
        `${agent.name} was not allowed to use:\n  ${tool} ${path('new.txt')}\nResume with more permissions: ${command}\n`,
      )
      const typed = await user.run('sh', ['-c', command], {env: {PATH: user.pathWithClinvk()}}).finished
      assert.deepEqual([typed.code, typed.stdout, typed.stderr], [0, 'First.\n\nThen.\n', ''])
      assert.equal(readFileSync(path('new.txt'), 'utf8'), 'fixed\n')
      assert.equal(user.session().turn_count, 2)
    })

    it('that was denied a tool says so in JSON', async () => {
      const tool = wantsToWrite()
      const denied = await turn('fix it', ...agent.always)
      assert.deepEqual([denied.outcome, denied.content], ['success', 'First.\n\nThen.\n'])
      assert.deepEqual(denied.denials, [{tool, target: path('new.txt'), allow: agent.allowEdit}])
      const {cost: _, ...shape} = denied
      assert.deepEqual(Object.keys(shape).sort(), RESULT)
    })

    it('works in the directory of --add-dir, too, wherever that is', async () => {
      const {server, user} = real
      const directory = user.elsewhere()
      const file = join(directory, 'notes.txt')
      server.when('note', {tools: [agent.newFile(file, 'noted')]}, {text: 'Noted.'})
      const words = ['note it', '--approval-mode', 'auto', '--add-dir', relative(user.project, directory)]
      assert.deepEqual((await turn(...words, ...agent.always)).denials, [])
      assert.equal(readFileSync(file, 'utf8'), 'noted\n')
    })

    keepsOrRefuses(
      agent,
      real,
      'runs the command of --allowed-tools, and no other',
      {option: '--allowed-tools', words: ['make them', '--allowed-tools', 'touch']},
      async () => {
        const {server, user} = real
        const [touch, mkdir] = [agent.shell('touch a.txt'), agent.shell('mkdir b')]
        server.when('make', {tools: [touch]}, {tools: [mkdir]}, {text: 'As far as I could.'})
        const words = ['make them', ...agent.always, '--allowed-tools', agent.allowCommand('touch')]
        const {denials} = await turn(...words)
        assert.deepEqual(readdirSync(user.project), ['a.txt'])
        assert.deepEqual(each(denials, 'tool', 'target'), [[mkdir.name, 'mkdir b']])
      },
    )

    keepsOrRefuses(
      agent,
      real,
      'stops after --max-turns with exit 11, and the session is resumed',
      {option: '--max-turns', words: ['much to do', '--max-turns', '1']},
      async () => {
        const {server, user} = real
        server.when('much', {text: 'I begin.', tools: [agent.shell('echo hi')]})
        const words = ['much to do', ...agent.always, ...agent.allowShell, '--max-turns', '1']
        const stopped = await user.clinvk(words)
        assert.deepEqual([stopped.code, stopped.stdout], [11, 'I begin.\n'])
        assert.match(stopped.stderr, /^Error: .* turns \(1\)\n {2}The session is kept\. Resume it: /)
        const {last_outcome: outcome, status, turn_count: turns} = user.session()
        assert.deepEqual([status, outcome, turns], ['paused', 'limit', 1])
        assert.match((await turn('-c', 'go on', ...agent.always)).content, /seen: \[much to do] \[go on]$/)
      },
    )

    for (const [option, cap] of [
      ['--max-cost', '0.000001'],
      ['--max-tokens', '10'],
    ] as const) {
      keepsOrRefuses(
        agent,
        real,
        `ends beyond ${option} with exit 11, and the session is resumed`,
        {option, words: ['much to do', option, cap]},
        async () => {
          const {server, user} = real
          server.when('much', {text: 'I begin.', tools: [agent.shell('sleep 5')]}, {text: 'More.'})
          const words = ['much to do', ...agent.always, ...agent.allowShell, option, cap]
          await ends(user.clinvk(words), {
            code: 11,
            stdout: /^I begin\./,
            stderr: /The session is kept\. Resume it: /,
          })
          assert.match((await turn('-c', 'go on', ...agent.always)).content, /seen: \[much to do] \[go on]$/)
        },
      )
    }
  })
})

/** What a turn that was answered is in JSON. */
const RESULT =
  'backend backend_exit_code backend_session_id content denials duration_seconds exit_code model outcome session_id usage working_dir'.split(
    ' ',
  )
