import assert from 'node:assert/strict'
import {existsSync, readdirSync, readFileSync, statSync} from 'node:fs'
import {join} from 'node:path'
import {CliUser} from '../support/cli-user.js'
import {ends, json} from '../support/sandbox.js'

/** What is called resumable resumes, also where the agent was ended before it had recorded anything. */
describe('a session whose agent has recorded nothing', () => {
  let user: CliUser
  beforeEach(() => {
    user = new CliUser()
    user.env.CLINVK_BACKEND = 'claude'
    claude('')
  })
  afterEach(() => user.remove())

  const told = `printf '{"type":"system","subtype":"init","session_id":"%s"}\\n' "$id"`
  const tool = `echo '{"type":"assistant","message":{"content":[{"type":"tool_use","id":"t","name":"Bash"}]}}'`
  const recorded =
    'mkdir -p ~/.claude/projects/p && echo \'{"type":"user","timestamp":"x"}\' >~/.claude/projects/p/$id.jsonl'
  const answered = `${told}; ${recorded}; echo '{"type":"result","subtype":"success","result":"done","modelUsage":{"m":{}}}'`
  /** A claude that keeps its words and its prompt, and then does this, where it is not asked for its version. */
  const claude = (script: string) => {
    user.installProgram(
      'claude',
      `id=$(echo "$*" | sed -E 's/.*--(session-id|resume) ([^ ]*).*/\\2/')\necho "$*" >~/words\ncat >~/prompt\n${script}`,
    )
  }
  const seen = (name: 'words' | 'prompt') => readFileSync(join(user.home, name), 'utf8').trim()
  const id = () => user.sessions()[0]!.id as string
  const prompts = () => {
    const directory = join(user.home, '.clinvk/prompts')
    return existsSync(directory) ? readdirSync(directory).map((name) => join(directory, name)) : []
  }
  const long = 'one '.repeat(5000).trim()

  for (const [what, script] of [
    ['before it had told its id', 'exit 1'],
    ['after it had told its id', `${told}; exit 1`],
  ] as const) {
    it(`and that was ended ${what} starts again with its first prompt and options, and says so`, async () => {
      claude(script)
      await user.clinvk([long, '--sandbox-mode', 'read-only'])
      const [kept = ''] = prompts()
      assert.deepEqual([statSync(kept).mode & 0o777, user.sessions()[0]?.resumable], [0o600, undefined])
      const {sessions} = json(await user.clinvk(['sessions', 'list', '--json'])) as {
        sessions: {resumable: boolean}[]
      }
      assert.equal(sessions[0]?.resumable, true)
      claude(answered)
      await ends(user.clinvk(['-c', 'and two']), {
        code: 0,
        stderr: /Claude Code has recorded nothing of session \w{8}: it starts again with its first prompt\./,
      })
      assert.equal(seen('prompt'), `${long}\n\nand two`)
      assert.match(seen('words'), /--session-id \S+ --permission-mode plan/)
      assert.deepEqual(
        [prompts(), user.sessions().length, user.sessions()[0]?.unconfirmed],
        [[], 1, undefined],
      )
      await user.clinvk(['-c', 'three'])
      assert.deepEqual([seen('prompt'), seen('words').includes('--resume')], ['three', true])
    })
  }

  it('does not start again by itself where tools have run, but by the command that is named', async () => {
    claude(`${told}; ${tool}; exit 1`)
    await user.clinvk(['one'])
    claude(answered)
    const refused = await ends(user.clinvk(['resume', id(), "it's two"]), {code: 4})
    const [, command = ''] = /(clinvk resume .*)$/m.exec(refused.stderr) ?? []
    assert.match(command, /^clinvk resume \w{8} --restart /)
    assert.equal((await user.clinvk(['resume', id(), '--restart', "it's two"])).code, 0)
    assert.equal(seen('prompt'), "one\n\nit's two")
  })

  it('is resumed by its id where the agent has recorded the prompt, also when tools have run', async () => {
    claude(`${told}; ${tool}; ${recorded}; exit 1`)
    await user.clinvk(['one'])
    assert.deepEqual(prompts(), [])
    claude(answered)
    assert.equal((await user.clinvk(['resume', id(), 'two'])).code, 0)
    assert.deepEqual([seen('prompt'), seen('words').includes('--resume')], ['two', true])
  })

  it('takes its prompt with it when it is deleted', async () => {
    claude('exit 1')
    await user.clinvk(['one'])
    assert.equal(prompts().length, 1)
    await user.clinvk(['sessions', 'delete', id()])
    assert.deepEqual(prompts(), [])
  })
})
