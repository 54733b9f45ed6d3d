import assert from 'node:assert/strict'
import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {CliUser} from '../support/cli-user.js'
import {filesIn} from '../support/files-in.js'
import {ends} from '../support/sandbox.js'

describe('clinvk backends create', () => {
  const user = new CliUser().forEachTest()

  it('writes a package that bears the name everywhere, and tells what to do next', async () => {
    const {stdout} = await ends(user.clinvk(['backends', 'create', 'my-agent']), {code: 0, stderr: ''})
    const directory = join(user.project, 'clinvk-backend-my-agent')
    const files = filesIn(directory)
    assert.match(stdout, RegExp(`^Wrote ./clinvk-backend-my-agent: ${files.length} files\\.`))
    for (const step of ['cd clinvk-backend-my-agent', 'clinvk plugins link .', 'clinvk -b my-agent "hello"'])
      assert.ok(stdout.includes(`\n  ${step}\n`), stdout)
    for (const file of ['.gitignore', 'contract.d.ts', 'agent/my-agent.js', '.github/workflows/test.yml'])
      assert.ok(files.includes(file), file)
    for (const file of files) {
      assert.doesNotMatch(file, /acme/i)
      assert.doesNotMatch(readFileSync(join(directory, file), 'utf8'), /acme/i, file)
    }

    const pjson = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as Record<string, object>
    assert.deepEqual(Object.keys({...pjson.dependencies, ...pjson.devDependencies}), ['typescript'])
    assert.match(JSON.stringify(pjson.clinvk), /"my-agent":.*"title":"My Agent"/)
  })
})
