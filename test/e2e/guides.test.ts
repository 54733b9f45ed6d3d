import assert from 'node:assert/strict'
import {existsSync, readFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {linkDirectory} from '../support/link-plugin.js'
import {GuideUser, NEEDS_TERMINAL} from '../support/guide-user.js'
import {pageBlocks} from '../support/page-blocks.js'
import {ends, ROOT} from '../support/sandbox.js'

/** What the guides tell the user to type, in the order of the page. */
for (const page of [
  'parallel-execution',
  'runs',
  'chain',
  'compare',
  'session-management',
  'history',
  'fork',
  'worktrees',
  'schema',
  'limits',
  'mcp',
]) {
  describe(`the guide docs/guide/${page}.md`, () => {
    const path = join(ROOT, `docs/guide/${page}.md`)
    const blocks = pageBlocks(path)
    let user: GuideUser
    before(() => {
      user = new GuideUser()
      for (const {file, text} of blocks) if (file !== undefined) user.write(`project/${file}`, text)
      if (page === 'worktrees') user.makeRepository()
      if (page === 'mcp') {
        linkDirectory(user, 'clinvk-plugin-serve', join(ROOT, 'plugins/serve'))
        user.installProgram('opencode')
      }
    })
    beforeEach(() => user.storeSessions())
    after(() => user.remove())

    const lines = blocks.flatMap(({language, text}) => (language === 'sh' ? text.trim().split('\n') : []))
    for (const line of new Set(lines.map((text) => text.replace(/\s+#.*/, '')))) {
      it(line, async () => {
        const [typed = '', filter] = line.split(/ \| (?=jq )/)
        const {code, stderr, stdout} = await user.type(typed)
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
      for (const {text} of blocks.filter(
        (block) => block.text.startsWith('session:') || block.text.startsWith('prices:'),
      )) {
        user.write('.clinvk/config.yaml', text)
        await ends(user.clinvk(['config', 'validate']), {code: 0})
      }

      for (const [, link] of readFileSync(path, 'utf8').matchAll(/\]\(([^)#]+)/g))
        assert.ok(existsSync(join(dirname(path), link!)), link)
    })
  })
}
