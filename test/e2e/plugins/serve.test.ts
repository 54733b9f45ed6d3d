import assert from 'node:assert/strict'
import {once} from 'node:events'
import {existsSync, readdirSync} from 'node:fs'
import {join} from 'node:path'
import {PluginUser} from '../../support/plugin-user.js'
import {startRegistry, type Registry} from '../../support/registry/index.js'
import {ends, json} from '../../support/sandbox.js'

/** The package as it is published, installed by the real npm into a clinvk that does not know it. */
describe('clinvk-plugin-serve', function () {
  this.timeout(240_000)
  let registry: Registry
  let user: PluginUser
  before(async () => {
    registry = await startRegistry()
    user = new PluginUser(registry)
  })
  after(async () => {
    user.remove()
    await registry.close()
  })

  it('is installed by its name and alone, serves, offers tools, and leaves nothing when it is removed', async () => {
    await ends(user.clinvk(['serve']), {code: 1, stderr: /clinvk plugins install clinvk-plugin-serve/})
    const installed = await user.install(['clinvk-plugin-serve', '--yes', '--json'])
    assert.equal((json(installed).installed as {name: string}[])[0]!.name, 'clinvk-plugin-serve')
    const packages = readdirSync(join(user.plugins, 'node_modules')).filter((name) => !name.startsWith('.'))
    assert.deepEqual(packages, ['clinvk-plugin-serve'])

    // What other commands read of it is its manifest.
    await ends(user.clinvk(['serve', '--help']), {code: 0, stdout: /\$ clinvk serve \[FLAGS\]/})
    const token = (await ends(user.clinvk(['serve', '--print-token']), {code: 0})).stdout.trim()
    const server = user.start(['serve', '--port', '0'])
    const [line] = (await once(server.child.stdout!, 'data')) as [string]
    const [url] = /http:\S+/.exec(line)!
    const response = await fetch(`${url}/api/v1/prompt`, {
      method: 'POST',
      headers: {authorization: `Bearer ${token}`, 'content-type': 'application/json'},
      body: JSON.stringify({prompt: 'hello', backend: 'echo'}),
    })
    assert.equal(((await response.json()) as {content: string}).content, 'You said: hello')
    server.child.kill('SIGTERM')
    assert.equal((await server.finished).code, 0)

    const params = {protocolVersion: '2025-06-18', capabilities: {}, clientInfo: {name: 'test', version: '1'}}
    const stdin = `${JSON.stringify({jsonrpc: '2.0', id: 1, method: 'initialize', params})}\n`
    await ends(user.start(['mcp'], {stdin}).finished, {code: 0, stdout: /"serverInfo":\{"name":"clinvk"/})

    await ends(user.clinvk(['plugins', 'uninstall', 'clinvk-plugin-serve']), {code: 0})
    assert.deepEqual(
      Object.keys(user.files()).filter((file) => file.includes('plugin-serve')),
      [],
    )
    assert.equal(existsSync(join(user.plugins, 'node_modules/clinvk-plugin-serve')), false)
  })
})
