import assert from 'node:assert/strict'
import {existsSync, readFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {parse} from 'yaml'
import {GuideUser} from '../../support/guide-user.js'
import {pageBlocks} from '../../support/page-blocks.js'
import {ends, ROOT} from '../../support/sandbox.js'
import {Served} from '../../support/served.js'

for (const [page, answers] of [
  ['chat-clients.md', /which bugs are in auth\.go\?|hello/],
  ['serve.md', /"name":"echo".*You said: |hello\\n again/s],
] as const) {
  describe(`the guide docs/guide/${page}`, () => {
    const path = join(ROOT, 'docs/guide', page)
    const user = new GuideUser()
    let served: Served
    before(async () => {
      served = await Served.start(user)
      user.installProgram('curl', `exec node ${join(ROOT, 'test/e2e/processes/curl.js')} "$@"`)
    })
    after(async () => {
      await served.stop()
      user.remove()
    })

    for (const {language, line, text} of pageBlocks(path)) {
      if (language === 'sh')
        it(`shows a request that is answered: line ${line}`, async () => {
          const typed = text.replaceAll('http://127.0.0.1:8080', served.url)
          await ends(user.run('sh', ['-c', typed]).finished, {code: 0, stdout: answers})
        })
      if (language === 'yaml')
        it(`shows settings that are valid YAML: line ${line}`, () => assert.ok(parse(text)))
    }

    it('links to pages that exist', () => {
      for (const [, link] of readFileSync(path, 'utf8').matchAll(/\]\(([^)#]+)/g))
        assert.ok(existsSync(join(dirname(path), link!)), link)
    })
  })
}
