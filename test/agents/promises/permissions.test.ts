import assert from 'node:assert/strict'
import {existsSync} from 'node:fs'
import {join} from 'node:path'
import {result} from '../../support/agent-user.js'
import {forEachAgent, keepsOrRefuses} from '../../support/promises.js'
import {ends} from '../../support/sandbox.js'

describe('an agent with', () => {
  forEachAgent(({agent, real}) => {
    /** Asked to work, the agent reads a file, makes two, and runs a command; tells which of that it really did. */
    const work = async (words: string) => {
      const {server, user} = real
      const readable = user.write('project/readable.txt', 'as it was')
      const traces = {
        inside: join(user.project, 'inside.txt'),
        outside: join(user.elsewhere(), 'outside.txt'),
        command: join(user.elsewhere(), 'by-command.txt'),
      }
      const tools = [
        agent.readFile(readable),
        agent.newFile(traces.inside, 'new'),
        agent.newFile(traces.outside, 'new'),
        agent.shell(`touch ${traces.command}`),
      ]
      server.when('work', {tools}, {text: 'As far as I could.'})
      // As root, claude goes without limits only where it is told that the machine is a sandbox.
      const env = {IS_SANDBOX: '1'}
      const finished = await user.clinvk(
        ['do the work', ...agent.always, ...words.split(' '), '-o', 'json'],
        {
          env,
        },
      )
      const {content, denials, outcome} = result(finished)
      assert.deepEqual([outcome, content], ['success', 'As far as I could.'])
      const [read] = server.calls.at(-1)!.turns.flatMap(({toolResults}) => toolResults)
      assert.match(read!.text, /as it was/)
      const did = Object.entries(traces).flatMap(([what, path]) => (existsSync(path) ? [what] : []))
      assert.equal(denials.length, 3 - did.length, JSON.stringify(denials))
      return did
    }
    /** Refused, nothing has begun, and the user is told what to do instead. */
    const keepsOr = (option: string, title: string, instead: RegExp, keeps: () => Promise<void>) => {
      const words = [...option.split(' '), ...agent.always, 'hello']
      keepsOrRefuses(agent, real, `${option} ${title}`, {option, words, instead}, keeps)
    }

    it('--approval-mode default does what its own settings allow', async () => {
      real.user.allowEdits()
      assert.deepEqual(await work('--approval-mode default'), ['inside'])
    })

    it('--approval-mode auto edits files in its directory without being asked, and does nothing else', async () => {
      assert.deepEqual(await work('--approval-mode auto'), ['inside'])
    })

    it('--approval-mode none changes nothing, because nobody is asked', async () => {
      // These have a mode for it, which counts above their own settings.
      if (['claude', 'gemini'].includes(agent.name)) real.user.allowEdits()
      assert.deepEqual(await work('--approval-mode none'), [])
    })

    keepsOr(
      '--approval-mode always',
      'changes nothing without a yes',
      /^ {2}Use `clinvk resume` without a prompt .*, or --approval-mode none\.$/,
      async () => {
        assert.deepEqual(await work('--approval-mode always'), [])
      },
    )

    it('--sandbox-mode default changes nothing that its own settings do not allow', async () => {
      assert.deepEqual(await work('--sandbox-mode default'), [])
    })

    it('--sandbox-mode read-only reads, and changes nothing, whatever its own settings allow', async () => {
      real.user.allowEdits()
      assert.deepEqual(await work('--sandbox-mode read-only'), [])
    })

    keepsOr(
      '--sandbox-mode workspace',
      'edits files in its directory, and no others',
      /supports --sandbox-mode default, read-only, full\.$/,
      async () => {
        assert.deepEqual(await work('--sandbox-mode workspace'), ['inside'])
      },
    )

    it('--sandbox-mode full edits files, and runs commands that write anywhere', async () => {
      const did = await work('--sandbox-mode full')
      assert.deepEqual(did, agent.editsAnywhere ? ['inside', 'outside', 'command'] : ['inside', 'command'])
    })

    it('--sandbox-mode full in one turn of a conversation has no limits in that turn alone, also in a fork', async function () {
      this.timeout(240_000)
      const {server, user} = real
      const touch = async (...words: string[]) => {
        const path = join(user.elsewhere(), `${words[0]!}.txt`)
        server.when(`touch ${words[0]!}`, {tools: [agent.shell(`touch ${path}`)]}, {text: 'Tried.'})
        const [first, ...rest] = words
        const prompt = `touch ${first!}`
        await user.clinvk([...rest, prompt, ...agent.always], {env: {IS_SANDBOX: '1'}})
        return existsSync(path)
      }
      assert.equal(await touch('all', 'prompt', '--sandbox-mode', 'full'), true)
      const id = user.session().id
      assert.equal(await touch('fork', 'fork', id), false)
      assert.equal(await touch('resume', 'resume', id), false)
    })

    it('--approval-mode auto --sandbox-mode read-only is refused, because they contradict each other', async () => {
      const {server, user} = real
      const words = ['--approval-mode', 'auto', '--sandbox-mode', 'read-only', ...agent.always]
      await ends(user.clinvk([...words, 'hello']), {
        code: 10,
        stdout: '',
        stderr: /^Error: .* is refused: .* the other forbids it\.\n {2}Leave out one of the two\.\n$/,
      })
      assert.deepEqual([user.sessions(), user.conversations(), server.calls], [[], [], []])
    })
  })
})
