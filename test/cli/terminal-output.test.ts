import assert from 'node:assert/strict'
import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {visible} from 'clinvk-kit/format/visible'
import {CliUser} from '../support/cli-user.js'
import {ends, fixture, ROOT, wordsOf} from '../support/sandbox.js'
import {linkTalkingAgent, willSay} from '../support/talking-agent.js'
import {storeSession} from '../support/stored-session.js'

/** Sets the clipboard and the title, clears the screen, writes over the line, turns and hides text, adds a line. */
const HOSTILE =
  'x\u001B]52;c;aGk=\u0007\u001B]0;t\u0007\u001B[2J\u009B1A\rover\b\u202Ebidi\u061C\u200B\u{E0041}\nError: y'

describe('what comes from outside, on a terminal', () => {
  const user = new CliUser({CLINVK_BACKEND: 'echo'})
  const escaped = JSON.stringify(HOSTILE).slice(1, -1)
  before(() => {
    const fields = [
      'backend',
      'working_dir',
      'model',
      'title',
      'error_message',
      'parent_id',
      'backend_session_id',
    ]
    storeSession(user, 'aaaa1111', {
      ...Object.fromEntries(fields.map((field) => [field, HOSTILE])),
      tags: [HOSTILE],
      metadata: {[HOSTILE]: HOSTILE},
    })
    storeSession(user, 'aaaa2222', {name: HOSTILE, initial_prompt: HOSTILE, working_dir: ''})
    user.write(
      'tasks.json',
      JSON.stringify([
        {name: HOSTILE, prompt: HOSTILE},
        {prompt: 'b', [HOSTILE]: 1},
      ]),
    )
    user.write('task.json', JSON.stringify([{name: HOSTILE, prompt: HOSTILE, meta: {[HOSTILE]: HOSTILE}}]))
    user.write('.clinvk/config.yaml', `plugins: {"${escaped}": {"${escaped}": "${escaped}"}}\n`)
    user.write('.clinvk/sessions/odd\u001B]0;t\u0007.json', '{}')
    user.directory(HOSTILE)
    const denied = readFileSync(join(ROOT, 'plugins/backend-claude/fixtures/denied.stdout'), 'utf8')
    const said = denied
      .replaceAll('/home/ada/project/plan.md', escaped)
      .replace('"text":" it."', `"text":"${escaped}"`)
    user.installProgram('claude', `cat "${user.write('denied.jsonl', said)}"; printf '${HOSTILE}' >&2`)
  })
  after(() => user.remove())

  for (const line of fixture('terminal-output.yaml') as string[]) {
    it(`cannot move the cursor or hide: clinvk ${line}`, async () => {
      const words = wordsOf(line).map((word) => word.replace('…', HOSTILE))
      const {stderr, stdout} = await user.clinvk(words, {onTerminal: true})
      const shown = stdout + stderr
      assert.notEqual(shown, '')
      // What is shown has passed the filter: it changes nothing any more.
      assert.equal(shown, visible(shown))
    })
  }

  it('is data when it is piped, and the same in JSON on a terminal', async () => {
    await ends(user.clinvk([HOSTILE]), {stdout: `You said: ${HOSTILE}\n`})
    const json = await user.clinvk(['-o', 'json', HOSTILE], {onTerminal: true})
    assert.equal((JSON.parse(json.stdout) as {content: string}).content, `You said: ${HOSTILE}`)
  })

  it('keeps the colours of an answer, and ends them before anything else is said', async () => {
    const {stdout} = await user.clinvk(['\u001B[8mhidden', '--show-tokens'], {onTerminal: true})
    assert.equal(stdout, 'You said: \u001B[8mhidden\n\u001B[0m')
  })

  it('is preceded, where agents are asked first, by a line that says so and is gone afterwards', async () => {
    for (const command of ['backends', 'doctor']) {
      const {stderr} = await user.clinvk([command], {onTerminal: true, env: {TERM: 'xterm', NO_COLOR: '1'}})
      assert.match(stderr, /. (?:asking the agents|looking) · [^]*\r\u001B\[2K$/)
      assert.doesNotMatch((await user.clinvk([command])).stderr, /asking|looking/)
    }
  })

  it('sums up which files were edited: not those whose edit was denied', async () => {
    linkTalkingAgent(user)
    const call = (id: string, name: string, target: string) => ({
      type: 'tool_call',
      id,
      name,
      input: {},
      target,
    })
    const result = (id: string, denied: boolean) => ({type: 'tool_result', id, output: 'x', is_error: denied})
    const here = join(user.project, 'here.go')
    willSay(
      user,
      call('1', 'Edit', here),
      result('1', true),
      call('2', 'Edit', here),
      result('2', false),
      call('3', 'Write', '/etc/denied'),
      result('3', true),
      {type: 'text', text: 'Done.'},
    )
    const terminal = {onTerminal: true, env: {TERM: 'xterm', NO_COLOR: '1'}}
    const {stderr} = await user.clinvk(['-b', 'talker', 'edit it'], terminal)
    assert.match(stderr, /\n?[\d.]+s · 3 tools · edited here\.go\n$/)
  })
})
