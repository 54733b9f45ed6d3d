import assert from 'node:assert/strict'
import {mkdirSync, readdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {CliUser} from '../support/cli-user.js'
import {filesIn} from '../support/files-in.js'
import {ends, json} from '../support/sandbox.js'

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

  it('says when clinvk has a backend of that name', async () => {
    await ends(user.clinvk(['backends', 'create', 'echo', '--text']), {
      code: 0,
      stderr:
        /^Note: clinvk-backend-echo has a backend echo, too\. Yours replaces it once it is linked or installed\.\n$/,
    })
  })

  it('leaves what is there, and writes nothing under a name that is none', async () => {
    const there = join(user.project, 'clinvk-backend-acme')
    mkdirSync(there)
    writeFileSync(join(there, 'mine'), 'x')
    const CASES: [string, RegExp][] = [
      ['acme', /clinvk-backend-acme exists already; nothing was changed\.$/],
      ['create', /^A backend cannot be named create: `clinvk backends create` is a command\.$/],
      ['test', /^A backend cannot be named test:/],
      ['../x', /^"\.\.\/x" cannot be the name of a backend\.$/],
      ['Acme', /cannot be the name/],
      ['', /cannot be the name/],
      ['a'.repeat(65), /cannot be the name/],
    ]
    for (const [name, message] of CASES) {
      const finished = await ends(user.clinvk(['backends', 'create', '--json', name]), {code: 1})
      assert.match((json(finished).error as {message: string}).message, message)
    }

    assert.deepEqual(readdirSync(user.project), ['clinvk-backend-acme'])
    assert.deepEqual(readdirSync(there), ['mine'])
  })
})
