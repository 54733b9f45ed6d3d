import assert from 'node:assert/strict'
import {join} from 'node:path'
import {filesIn} from '../support/files-in.js'
import {InventedAgents} from '../support/invented-agents.js'
import {ends, json} from '../support/sandbox.js'

/** test/unit/conformance runs the checks on it; test/e2e/tutorial.test.ts installs and changes one in TypeScript. */
describe('a created backend', () => {
  const user = new InventedAgents().forEachTest()

  it('writes no code for an agent with plain text, which works as soon as it is linked', async () => {
    const created = json(await user.clinvk('backends create clinvk-backend-plain --text --json'))
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
    await ends(user.clinvk(['-b', 'plain', 'hello'], {env: {PLAIN_KEY: 'wrong'}}), {
      code: 8,
      stderr: 'Error: Plain ended with exit code 3: The key in PLAIN_KEY is not valid.\n',
    })
  })
})
