import assert from 'node:assert/strict'
import {existsSync, readFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {CliUser} from '../support/cli-user.js'
import {linkBackendPlugin} from '../support/link-plugin.js'
import {pageBlocks} from '../support/page-blocks.js'
import {ends, ROOT} from '../support/sandbox.js'
import {minutesAgo, storeSession} from '../support/stored-session.js'

/** What the guides tell the user to type, in the order of the page. */
for (const page of ['parallel-execution', 'chain', 'compare', 'session-management']) {
  describe(`the guide docs/guide/${page}.md`, () => {
    const path = join(ROOT, `docs/guide/${page}.md`)
    const blocks = pageBlocks(path)
    let user: CliUser
    before(() => {
      user = new CliUser({CLINVK_BACKEND: 'echo', PATH: `${dirname(process.execPath)}:/usr/bin:/bin`})
      user.installProgram('clinvk', `exec node ${join(ROOT, 'bin/run.js')} "$@"`)
      // No real agent is asked.
      for (const name of ['claude', 'codex']) {
        user.installProgram(name, 'cat')
        linkBackendPlugin(user, name, PRINTS_PROMPT, {descriptor: {...CAN, executable: name}})
      }

      user.installProgram('git', 'echo a diff')
      user.write('project/question.md', 'why?\n')
      user.directory('project/app')
      for (const {file, text} of blocks) if (file !== undefined) user.write(`project/${file}`, text)
    })
    beforeEach(() => {
      const resumable = {backend_session_id: 'x', backend_state: {turns: 1}, last_outcome: 'success'}
      const [recent, older] = [minutesAgo(5), minutesAgo(9)]
      storeSession(user, 'abc123', {...resumable, last_used: recent, tags: ['urgent', 'bug']})
      storeSession(user, 'def456', {...resumable, last_used: older, backend: 'codex'})
      storeSession(user, 'fed456', {...resumable, last_used: older, backend: 'claude', name: 'auth-fix-2'})
    })
    after(() => user.remove())

    /** Runs a line of a shell, in this process where it is one command. */
    const type = (line: string) => {
      if (/^(?!clinvk )|[|<>$]/.test(line)) return user.run('sh', ['-c', line]).finished
      const words = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain!)
      return user.clinvk(words.slice(1))
    }

    const lines = blocks.flatMap(({language, text}) => (language === 'sh' ? text.trim().split('\n') : []))
    for (const line of new Set(lines.map((text) => text.replace(/\s+#.*/, '')))) {
      it(line, async () => {
        const [typed = '', filter] = line.split(/ \| (?=jq )/)
        const {code, stderr, stdout} = await type(typed)
        if (NEEDS_TERMINAL.test(line)) {
          assert.match(stderr, /^Error: .*\n.* clinvk resume /)
          return
        }

        assert.equal(code, 0, stderr)
        if (filter !== undefined) JSON.parse(stdout)
        else if (!typed.includes(' > ')) assert.notEqual(stdout, '')
      })
    }

    it('shows valid settings, and links to pages that exist', async () => {
      for (const {text} of blocks.filter((block) => block.text.startsWith('session:'))) {
        user.write('.clinvk/config.yaml', text)
        await ends(user.clinvk(['config', 'validate']), {code: 0})
      }

      for (const [, link] of readFileSync(path, 'utf8').matchAll(/\]\(([^)#]+)/g))
        assert.ok(existsSync(join(dirname(path), link!)), link)
    })
  })
}

/** Which session is not said, or no prompt is given. */
const NEEDS_TERMINAL = /^clinvk resume (--interactive.*|--here|--backend \w+|--last|\w+)$/
/** A backend that passes the prompt on and the answer back. */
const PRINTS_PROMPT = `export default {
  plan: ({prompt}) => ({kind: 'invocation', args: [], stdin: prompt}),
  reader: () => ({
    line: (line) => [{type: 'text', text: line + '\\n'}],
    end: ({code}) => code === 0 ? {outcome: 'success'} : {outcome: 'failed', message: 'it failed'},
  }),
}`
const CAN = {capabilities: {ephemeral: true, resume: true, sandbox: ['read-only']}}
