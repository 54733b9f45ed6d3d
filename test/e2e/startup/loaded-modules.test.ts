import assert from 'node:assert/strict'
import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {linkDirectory} from '../../support/link-plugin.js'
import {loadedModules} from '../../support/loaded-modules.js'
import {ends, ROOT, Sandbox} from '../../support/sandbox.js'

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
      assert.deepEqual(
        sources.filter((file) => /turn\/(prepare|run-turn|resolve-options|context)|help\/index/.test(file)),
        [],
      )
      assert.deepEqual(largePackages(sources), [])
    })
  }

  it('nothing of the server, but for its own commands, and nothing large for clinvk mcp before a call', async () => {
    linkDirectory(user, 'clinvk-plugin-serve', join(ROOT, 'plugins/serve'))
    const ofServer = async (words: string[], stdin = '') =>
      (await loadedModules(user, words, stdin)).files.filter((file) => file.startsWith('plugins/serve/'))
    assert.deepEqual(await ofServer(['sessions', 'list']), [])
    assert.deepEqual(await ofServer(['-b', 'echo', 'x']), [])
    const ofMcp = await ofServer(['mcp'], OPENING)
    assert.ok(ofMcp.includes('plugins/serve/dist/commands/mcp/index.js'))
    const sizes = ofMcp.map((file) => readFileSync(join(ROOT, file)).length)
    assert.ok(Math.max(...sizes) < 10_000, `${ofMcp.join(' ')} have ${sizes.join(' and ')} bytes`)
  })

  it('few files more for a plugin of the user, and nothing that looks for its commands', async () => {
    const other = new Sandbox()
    linkDirectory(other, 'clinvk-plugin-serve', join(ROOT, 'plugins/serve'))
    const {files} = await loadedModules(other, ['--version'])
    other.remove()
    assert.ok(files.length <= 8, `It loads ${files.length} files: ${files.join(' ')}`)
    const rare = files.filter((file) => file.startsWith('dist/rare/'))
    assert.deepEqual(rare, ['dist/rare/plugin.js'])
  })

  it('the one backend that answers, for a prompt, and no large package', async () => {
    const {files, sources} = await loadedModules(user, ['-b', 'echo', 'x'])
    assert.deepEqual(backendsIn(files), ['plugins/backend-echo/dist/index.js'])
    assert.deepEqual(largePackages(sources), [])
  })

  it('of Node, no cryptography and no network with a backend', () => {
    for (const name of ['claude', 'codex', 'echo', 'gemini', 'opencode']) {
      const text = readFileSync(join(ROOT, `plugins/backend-${name}/dist/index.js`), 'utf8')
      const imports = [...text.matchAll(/^import .* from "(.*)";$/gm)].map(([, module]) => module)
      assert.deepEqual(
        imports.filter((module) => module !== 'node:os' && module !== 'node:path'),
        [],
        name,
      )
    }
  })
})

/** What a client of MCP says before it calls anything. */
const OPENING = [
  {id: 1, method: 'initialize', params: {protocolVersion: '2025-11-25', capabilities: {}, clientInfo: {}}},
  {method: 'notifications/initialized'},
  {id: 2, method: 'tools/list'},
]
  .map((message) => `${JSON.stringify({jsonrpc: '2.0', ...message})}\n`)
  .join('')

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
