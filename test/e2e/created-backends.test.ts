import assert from 'node:assert/strict'
import {join} from 'node:path'
import {filesIn} from '../support/files-in.js'
import {withInventedAgents} from '../support/invented-agents.js'
import {json, ROOT} from '../support/sandbox.js'

/** What `clinvk backends create` writes is used. test/e2e/tutorial.test.ts installs and changes it. */
describe('a created backend', () => {
  const machine = withInventedAgents()

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
})
