import assert from 'node:assert/strict'
import {loadedModules} from '../../support/loaded-modules.js'
import {Sandbox} from '../../support/sandbox.js'

/** Each file costs a start a millisecond, some packages ten: what is loaded is loaded on purpose. */
describe('starting loads', () => {
  let user: Sandbox
  before(async () => {
    user = new Sandbox()
    const {code, stderr} = await user.clinvk(['-b', 'echo', 'fix the bug'])
    assert.equal(code, 0, stderr)
  })
  after(() => user.remove())

  // prettier-ignore
  const SHORT: [words: string[], own: RegExp][] = [
    [['--version'], /commands\/(version|sessions\/list)\.ts$/],
    [['sessions', 'list'], /commands\/sessions\/list\.ts$/],
    [['__complete', '--', 'sess'], /commands\/sessions\/list\.ts$/],
    [['__complete', '--', 'resume', ''], /commands\/sessions\/list\.ts$|sessions\/src\/(hooks|commands)\/complete/],
  ]
  for (const [words, own] of SHORT) {
    it(`few files for ${words.join(' ')}, no other command, no backend and no large package`, async () => {
      const {files, sources} = await loadedModules(user, words)
      assert.ok(files.length <= 16, `It loads ${files.length} files: ${files.join(' ')}`)
      assert.deepEqual(
        files.filter((file) => /^plugins\/backend-/.test(file)),
        [],
      )
      assert.deepEqual(
        sources.filter((file) => /\/commands\//.test(file) && !/node_modules/.test(file) && !own.test(file)),
        [],
      )
      assert.deepEqual(largePackages(sources), [])
    })
  }

  it('the one backend that answers, for a prompt, and of the large packages the schema of its answers alone', async () => {
    const {files, sources} = await loadedModules(user, ['-b', 'echo', 'x'])
    assert.deepEqual(
      files.filter((file) => /^plugins\/backend-/.test(file)),
      ['plugins/backend-echo/dist/index.js'],
    )
    assert.deepEqual(
      largePackages(sources).filter((name) => name !== 'execa'),
      ['zod'],
    )
  })
})

function largePackages(sources: readonly string[]): string[] {
  const names = sources.flatMap(
    (file) =>
      /.*node_modules\/(@clack\/prompts|execa|log-update|npm-package-arg|yaml|zod)\//.exec(file)?.[1] ?? [],
  )
  return [...new Set(names)].sort()
}
