import assert from 'node:assert/strict'
import {readFileSync, rmSync} from 'node:fs'
import {join} from 'node:path'
import {isAlive, type ProcessIdentity} from 'clinvk-kit/process/identity'
import type {SessionFile} from 'clinvk-plugin-sessions/store/session-file'
import {GeminiUser, result, withAgent, withClaude, withCodex} from '../support/agent-user.js'
import {AGENTS} from '../support/agents.js'
import {answerFirstQuestions} from '../support/first-start.js'
import {json} from '../support/sandbox.js'
import {SCREENS} from '../support/screens.js'
import {Terminal} from '../support/terminal.js'
import {waitFor} from '../support/wait-for.js'

/** `clinvk resume ID` without a prompt, on a terminal: the real programs of the agents, as a person sees them. */
describe('a session that is opened in the agent itself', function () {
  this.timeout(120_000)

  for (const agent of AGENTS) {
    describe(agent.name, () => {
      const screens = SCREENS[agent.name]!
      let terminal: Terminal
      // Before the home is removed, in which its socket is.
      afterEach(() => terminal.close())
      const real = withAgent((url) => agent.create(url))
      let before: SessionFile
      beforeEach(async () => {
        const {user} = real
        result(await user.clinvk(['first one', ...agent.always, '-o', 'json']))
        if (user instanceof GeminiUser) {
          // Then its own clean-up loses what is resumed, unless clinvk tidies up.
          user.configure({cleanUp: true})
          user.ageConversations()
        }

        before = user.session()
        answerFirstQuestions(agent.name, user)
        terminal = new Terminal(user, {columns: 110, rows: 40})
      })

      /** Opens the session from another directory; resolves when the agent waits for a prompt. */
      const open = async (command = 'resume') => {
        terminal.type('cd ..')
        terminal.type(
          [`clear; clinvk ${command}`, before.id.slice(0, 8), ...agent.always, '; echo code $?'].join(' '),
        )
        await terminal.shows(screens.ready, SLOW_START_MS)
        return waitFor('the session is running', () => {
          const sessions = real.user.sessions() as unknown as SessionFile[]
          const running = sessions.find((session) => session.running)?.running
          return running?.agent && {clinvk: running.clinvk, agent: running.agent}
        })
      }
      const say = async (prompt: string) => {
        await terminal.types(prompt)
        // An Enter that comes close behind what was typed is a part of it to some: then once more.
        for (let tries = 1, isSent = false; !isSent; tries++) {
          terminal.press('Enter')
          isSent = await real.server.arrived(prompt, 1, tries < 4 ? 4000 : 20_000).then(
            () => true,
            (error: unknown) => {
              if (tries === 4) throw error
              return false
            },
          )
        }

        await terminal.shows(new RegExp(`You said: ${prompt} \\| turns=2`))
        await terminal.shows(screens.ready)
      }
      /** Presses Ctrl-C as often as it takes. */
      const quit = async ({agent: program, clinvk}: Processes) => {
        if (screens.asksBeforeQuit) {
          terminal.press('C-c')
          await terminal.shows(screens.asksBeforeQuit)
          assert.deepEqual([isAlive(clinvk), isAlive(program)], [true, true])
        }

        terminal.press('C-c')
        // A key that comes while the agent takes the terminal back may be lost.
        const again = setInterval(() => {
          if (isAlive(program)) terminal.press('C-c')
        }, 5000)
        try {
          return await terminal.shows(/Resume it: .*\n/, SLOW_START_MS)
        } finally {
          clearInterval(again)
        }
      }

      it('goes on there, in its directory, and its turns are counted', async () => {
        const {server, user} = real
        const processes = await open()
        await terminal.shows(/\/project\b/)
        await terminal.shows(/You said: first one/)
        await say('typed here')

        const running = json(await user.clinvk(['sessions', 'list', '--status', 'running', '--json']))
        assert.deepEqual(ids(running), [before.id])
        const second = await user.clinvk(['resume', before.id, 'me, too'])
        assert.equal(second.code, 4)
        assert.match(second.stderr, /is in use: process \d+ runs a turn of it/)

        const screen = await quit(processes)
        await terminal.shows(/\ncode 0\n/)
        const {input, cacheRead, cacheWrite, output} = server.calls.find(
          ({prompt}) => prompt === 'typed here',
        )!.sent!
        const sent = input + cacheRead + cacheWrite
        const total = (sent + output).toLocaleString('en')
        const short = before.id.slice(0, 8)
        assert.ok(
          screen.includes(`Session ${short}: 1 turn, ${total} tokens. Resume it: clinvk resume ${short}\n`),
          screen,
        )
        const session = json(await user.clinvk(['sessions', 'show', before.id, '--json']))
        assert.deepEqual(
          [session.turn_count, session.running, session.status, session.backend_session_id],
          [2, false, 'active', before.backend_session_id],
        )
        assert.ok((session.last_used as string) > before.last_used)
        const usage = session.token_usage as Required<SessionFile>['token_usage']
        assert.equal(usage.input_tokens, before.token_usage!.input_tokens! + sent)
        assert.equal(usage.output_tokens, before.token_usage!.output_tokens! + output)

        result(await user.clinvk(['something else', '--new', ...agent.always, '-o', 'json']))
        const words = ['resume', before.id, 'and again', '-o', 'json', ...agent.always]
        const {content} = result(await user.clinvk(words))
        assert.match(content, /turns=3 \| seen: \[first one] \[typed here] \[and again]$/)
      })

      it('is forked there by what is typed, and stays as it is', async function () {
        this.timeout(240_000)
        const {user} = real
        const processes = await open('fork')
        await say('typed here')
        await quit(processes)
        const [fork, parent] = user.sessions() as unknown as SessionFile[]
        assert.deepEqual(parent, before)
        const {backend_session_id: theirs, forked_at: at, parent_id: from, turn_count: turns} = fork!
        assert.deepEqual([from, at, turns], [before.id, 1, 1])
        assert.notEqual(theirs, before.backend_session_id)
        for (const [{id}, seen] of [
          [fork!, '[typed here] '],
          [before, ''],
        ] as const) {
          const words = ['resume', id, 'and again', '-o', 'json', ...agent.always]
          const {content} = result(await user.clinvk(words))
          assert.ok(content.endsWith(`seen: [first one] ${seen}[and again]`), content)
        }
      })

      it('has the keys to itself: Ctrl-C is for the agent, Ctrl-Z stops both', async () => {
        const processes = await open()
        const {agent: program, clinvk} = processes
        for (const signal of ['SIGINT', 'SIGQUIT'] as const) process.kill(clinvk.pid, signal)
        terminal.press('C-z')
        if (screens.asksBeforeStop) {
          await terminal.shows(screens.asksBeforeStop)
          terminal.press('C-z')
        }

        await terminal.shows(/Stopped/)
        const stopped = json(await real.user.clinvk(['sessions', 'list', '--status', 'running', '--json']))
        assert.deepEqual([ids(stopped), isAlive(clinvk), isAlive(program)], [[before.id], true, true])
        terminal.type('clear; fg')
        await waitFor('they go on', () => ![clinvk, program].some((one) => isStopped(one)))
        await terminal.shows(screens.ready)
        const screen = await quit(processes)
        assert.match(screen, /: no new turn\. Resume it: /)
        assert.equal(real.user.session().turn_count, 1)
      })

      it('is ended by SIGTERM to clinvk, and what was said is kept', async () => {
        const others = real.user.processes().length
        const {agent: program, clinvk} = await open()
        await say('typed here')
        process.kill(clinvk.pid, 'SIGTERM')
        await terminal.shows(/code 143\n/)
        assert.equal(isAlive(program), false)
        await waitFor('what it had started is gone', () => real.user.processes().length === others)
        const {running, turn_count: turns} = real.user.session()
        assert.deepEqual([running, turns], [undefined, 2])
      })

      it('ends with its terminal, and what was said is kept', async () => {
        await open()
        await say('typed here')
        terminal.close()
        await waitFor('the session is free', () => !real.user.session().running)
        assert.equal(real.user.session().turn_count, 2)
      })
    })
  }
})

describe('a session that is open in codex itself', () => {
  let terminal: Terminal
  afterEach(() => terminal.close())
  const codex = withCodex()

  it('is not deleted: codex would not', async () => {
    const {user} = codex
    await user.clinvk(['one'])
    const {backend_session_id: thread = '', id} = user.session()
    answerFirstQuestions('codex', user)
    terminal = new Terminal(user, {columns: 110, rows: 40})
    terminal.type(`codex resume --no-daemon ${thread}`)
    await terminal.shows(SCREENS.codex!.ready)
    const {code, stderr} = await user.clinvk(['sessions', 'delete', id, '--agent'])
    assert.equal(code, 4)
    assert.match(stderr, /^Error: Codex does not delete its record: .*\n {2}Is it open there\?/)
    assert.deepEqual([user.session().id, user.conversationIds()], [id, [thread]])
  })
})

describe('a session without a prompt, on a terminal', () => {
  let terminal: Terminal
  afterEach(() => terminal.close())
  const claude = withClaude()
  beforeEach(async () => {
    await claude.user.clinvk(['one'])
    answerFirstQuestions('claude', claude.user)
    terminal = new Terminal(claude.user, {columns: 110, rows: 40})
  })

  it('opens the agent with the model that is asked for, and the last session with --last', async () => {
    const {server} = claude
    terminal.type('clear; clinvk resume --last --backend claude --model fast')
    await terminal.shows(SCREENS.claude!.ready)
    await terminal.types('typed here')
    terminal.press('Enter')
    const {model} = await server.arrived('typed here')
    assert.match(model, /haiku/)
    await terminal.shows(/turns=2/)
    await terminal.types('/exit')
    terminal.press('Enter')
    await terminal.shows(/: 1 turn, .* Resume it: /)
  })

  it('ends with 1 when the agent fails, and keeps the session free', async () => {
    const {user} = claude
    for (const place of ['.claude/projects', '.clinvk/archive'])
      rmSync(join(user.home, place), {recursive: true})
    terminal.type('clear; clinvk resume @last:claude; echo code $?')
    assert.match(await terminal.shows(/\ncode 1\n/), /No conversation found with session ID/)
    assert.equal(
      user.sessions().some(({running}) => running),
      false,
    )
  })
})

/** opencode starts for every question that it is asked before and after. */
const SLOW_START_MS = 60_000

interface Processes {
  readonly clinvk: ProcessIdentity
  readonly agent: ProcessIdentity
}

function ids(list: Record<string, unknown>): string[] {
  return (list.sessions as {id: string}[]).map(({id}) => id)
}

/** By field 3 of proc(5)'s stat, after the name in parentheses. */
function isStopped({pid}: ProcessIdentity): boolean {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  return stat.slice(stat.lastIndexOf(')') + 2).startsWith('T')
}
