import assert from 'node:assert/strict'
import {mkdirSync, readdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {withInventedAgents} from '../support/invented-agents.js'
import {json, ROOT} from '../support/sandbox.js'

describe('clinvk backends create', () => {
  const machine = withInventedAgents()

  it('writes a package that bears the name everywhere, and tells what to do next', async () => {
    const {user} = machine
    const {code, stderr, stdout} = await user.clinvk(['backends', 'create', 'my-agent'])
    assert.deepEqual([code, stderr], [0, ''])
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

  it('writes no code for an agent with plain text, which works as soon as it is linked', async () => {
    const {user} = machine
    const created = json(
      await user.clinvk(['backends', 'create', 'clinvk-backend-plain', '--text', '--json']),
    )
    const directory = join(user.project, 'clinvk-backend-plain')
    assert.deepEqual(
      {...created, files: undefined},
      {name: 'plain', package: 'clinvk-backend-plain', directory, files: undefined, notes: []},
    )
    assert.deepEqual(created.files, filesIn(directory))
    assert.ok(!filesIn(directory).some((file) => file.endsWith('.ts')))

    await user.linkPackage(directory)
    const answer = await user.clinvk(['-b', 'plain', 'hello\nworld'])
    assert.deepEqual([answer.code, answer.stdout, answer.stderr], [0, 'You said: hello\nworld\n', ''])
    const {code, stderr} = await user.clinvk(['-b', 'plain', 'hello'], {env: {PLAIN_KEY: 'wrong'}})
    assert.deepEqual(
      [code, stderr],
      [8, 'Error: Plain ended with exit code 3: The key in PLAIN_KEY is not valid.\n'],
    )
  })

  it('writes what passes the kit, of either kind', async function () {
    this.timeout(240_000)
    const {user} = machine
    for (const words of [['acme'], ['plain', '--text']])
      assert.equal((await user.clinvk(['backends', 'create', ...words])).code, 0)
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc')
    const acme = join(user.project, 'clinvk-backend-acme')
    const built = await user.run(process.execPath, [tsc], {cwd: acme}).finished
    assert.equal(built.code, 0, built.stdout)
    for (const name of ['acme', 'plain']) {
      const {code, stderr, stdout} = await user.clinvk(['backends', 'test', `./clinvk-backend-${name}`])
      assert.equal(code, 0, stdout + stderr)
    }
  })

  it('says when clinvk has a backend of that name', async () => {
    const {code, stderr} = await machine.user.clinvk(['backends', 'create', 'echo', '--text'])
    assert.equal(code, 0)
    assert.match(
      stderr,
      /^Note: clinvk has a backend echo, of clinvk-backend-echo\. .* it replaces that\.\n$/,
    )
  })

  it('leaves what is there, and writes nothing under a name that is none', async () => {
    const {user} = machine
    const there = join(user.project, 'clinvk-backend-acme')
    mkdirSync(there)
    writeFileSync(join(there, 'mine'), 'x')
    const CASES: [string, RegExp][] = [
      ['acme', /^There is a .*clinvk-backend-acme already; it stays as it is\.$/],
      ['create', /^A backend cannot be named create: `clinvk backends create` is a command\.$/],
      ['test', /^A backend cannot be named test:/],
      ['../x', /^"\.\.\/x" is no name for a backend\.$/],
      ['Acme', /is no name/],
      ['', /is no name/],
      ['a'.repeat(65), /is no name/],
    ]
    for (const [name, message] of CASES) {
      const finished = await user.clinvk(['backends', 'create', '--json', name])
      assert.equal(finished.code, 1)
      assert.match((json(finished).error as {message: string}).message, message)
    }

    assert.deepEqual(readdirSync(user.project), ['clinvk-backend-acme'])
    assert.deepEqual(readdirSync(there), ['mine'])
  })
})

function filesIn(directory: string): string[] {
  return readdirSync(directory, {recursive: true, withFileTypes: true})
    .filter((entry) => entry.isFile())
    .map(({name, parentPath}) => join(parentPath, name).slice(directory.length + 1))
    .sort()
}
