import assert from 'node:assert/strict'
import {loadedModules} from '../../support/loaded-modules.js'
import {ends, Sandbox} from '../../support/sandbox.js'

/** Each file costs a start a millisecond, some packages ten: what is loaded is loaded on purpose. */
describe('starting loads', () => {
  let user: Sandbox
  before(async () => {
    user = new Sandbox()
    await ends(user.clinvk(['-b', 'echo', 'fix the bug']), {code: 0})
  })
  after(() => user.remove())

  const SHORT: [words: string[], own?: RegExp][] = [
    [['--version']],
    [['sessions', 'list'], /sessions\/list\.ts$/],
    [['__complete', '--', 'sess']],
    [['__complete', '--', 'resume', ''], /sessions\/src\/commands\/(complete|sessions\/list)/],
  ]
  for (const [words, own] of SHORT) {
    it(`few files for ${words.join(' ')}, no other command, no backend and no large package`, async () => {
      const {files, sources} = await loadedModules(user, words)
      assert.ok(files.length <= 9, `It loads ${files.length} files: ${files.join(' ')}`)
      assert.deepEqual(backendsIn(files), [])
      const commands = sources.filter((file) => /src\/commands\//.test(file) && !own?.test(file))
      assert.deepEqual(commands, ['src/commands/version.ts'])
      assert.deepEqual(largePackages(sources), [])
    })
  }

  it('the one backend that answers, for a prompt, and no large package', async () => {
    const {files, sources} = await loadedModules(user, ['-b', 'echo', 'x'])
    assert.deepEqual(backendsIn(files), ['plugins/backend-echo/dist/index.js'])
    assert.deepEqual(largePackages(sources), [])
  })
})

function backendsIn(files: readonly string[]): string[] {
  return files.filter((file) => /^plugins\/backend-/.test(file))
}

function largePackages(sources: readonly string[]): string[] {
  const names = sources.flatMap(
    (file) =>
      /.*node_modules\/(@clack\/prompts|execa|log-update|npm-package-arg|yaml|zod)\//.exec(file)?.[1] ?? [],
  )
  return [...new Set(names)].sort()
}
