import assert from 'node:assert/strict'
import {chmodSync, existsSync, readFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {linkBackendPlugin} from '../support/link-plugin.js'
import {pageBlocks} from '../support/page-blocks.js'
import {ROOT, Sandbox} from '../support/sandbox.js'

/** What the guides of runs tell the user to type, typed into a shell in the order of the page. */
for (const page of ['parallel-execution', 'chain', 'compare']) {
  describe(`the guide docs/guide/${page}.md`, () => {
    const path = join(ROOT, `docs/guide/${page}.md`)
    const blocks = pageBlocks(path)
    let user: Sandbox
    before(() => {
      user = new Sandbox({CLINVK_BACKEND: 'echo'})
      chmodSync(user.write('bin/clinvk', `#!/bin/sh\nexec node ${join(ROOT, 'bin/run.js')} "$@"\n`), 0o755)
      // The agents of the page are not asked in earnest.
      for (const [name, print] of Object.entries({claude: 'cat', codex: 'cat', git: 'echo a diff'}))
        chmodSync(user.write(`bin/${name}`, `#!/bin/sh\n${print}\n`), 0o755)
      for (const name of ['claude', 'codex'])
        linkBackendPlugin(user, name, PLAIN, {descriptor: {...READS, executable: name}})
      user.env.PATH = [join(user.home, 'bin'), dirname(process.execPath), '/usr/bin', '/bin'].join(':')
      user.write('project/question.md', 'why?\n')
      user.directory('project/app')
      for (const {file, text} of blocks) if (file !== undefined) user.write(`project/${file}`, text)
    })
    after(() => user.remove())

    const lines = blocks.flatMap(({language, text}) => (language === 'sh' ? text.trim().split('\n') : []))
    for (const line of lines.map((text) => text.replace(/\s{2,}#.*/, ''))) {
      it(line, async () => {
        const [typed = '', filter] = line.split(/ \| (?=jq )/)
        const {code, stderr, stdout} = await user.run('sh', ['-c', typed]).finished
        assert.equal(code, 0, stderr)
        if (filter !== undefined) JSON.parse(stdout)
        else if (!typed.includes(' > ')) assert.notEqual(stdout, '')
      })
    }

    it('links to pages that exist', () => {
      for (const [, link] of readFileSync(path, 'utf8').matchAll(/\]\(([^)#]+)/g))
        assert.ok(existsSync(join(dirname(path), link!)), link)
    })
  })
}

/** A backend that passes the prompt on and the answer back. */
const PLAIN = `export default {
  plan: ({prompt}) => ({kind: 'invocation', args: [], stdin: prompt}),
  reader: () => ({
    line: (line) => [{type: 'text', text: line + '\\n'}],
    end: ({code}) => code === 0 ? {outcome: 'success'} : {outcome: 'failed', message: 'it failed'},
  }),
}`
const READS = {capabilities: {ephemeral: true, sandbox: ['read-only']}}
