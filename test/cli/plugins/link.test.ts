import assert from 'node:assert/strict'
import {execFileSync} from 'node:child_process'
import {readdirSync, rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {CliUser} from '../../support/cli-user.js'
import {inventedBackend} from '../../support/registry/invented-package.js'
import {ends, json} from '../../support/sandbox.js'

/** What needs no npm. */
describe('plugins', () => {
  let user: CliUser
  const plugins = () => join(user.home, '.local/share/clinvk')
  beforeEach(() => (user = new CliUser()))
  afterEach(() => user.remove())

  it('are linked, unlinked, and reset', async () => {
    const folder = user.directory('acme')
    execFileSync('tar', ['-xzf', '-', '--strip-components=1', '-C', folder], {
      input: await inventedBackend('acme', {manifest: {dependencies: {'no-plugin': '1'}}}).tarball(),
    })
    const linked = await user.clinvk(['plugins', 'link', '.', '--yes'], {cwd: folder})
    assert.match(linked.stdout, RegExp(`^Linked clinvk-backend-acme 1\\.0\\.0 to ${folder}\\.`))
    assert.match(linked.stderr, /Note: Not installed: no-plugin\. Install them: cd .* && npm install/)
    assert.equal((await user.clinvk(['-b', 'acme', 'hello'])).stdout, 'acme 1.0.0: hello\n')
    assert.match((await user.clinvk(['plugins', 'inspect', 'acme'])).stdout, /needs +no-plugin \(missing\)/)
    const unlinked = await user.clinvk(['plugins', 'unlink', '.'], {cwd: folder})
    assert.deepEqual([unlinked.code, unlinked.stdout], [0, 'Unlinked clinvk-backend-acme.\n'])
    const again = await user.clinvk(['plugins', 'unlink', 'clinvk-backend-acme'])
    assert.equal(
      again.stderr,
      'Error: Unknown plugin "clinvk-backend-acme".\n  You have installed no plugins.\n',
    )
    await ends(user.clinvk(['plugins', 'unlink', 'ecko']), {code: 1, stderr: /"ecko"\.\n {2}You have/})
    await ends(user.clinvk(['plugins', 'inspect', 'ecko']), {code: 1, stderr: /Did you mean: echo\n/})

    rmSync(join(folder, 'index.js'))
    const unbuilt = await user.clinvk(['plugins', 'link', folder, '--yes'])
    assert.match(unbuilt.stderr, /Note: It cannot be used yet: .*the module of its backend acme is missing/)
    assert.equal(unbuilt.code, 0)
    const asked = await user.clinvk(['plugins', 'reset'])
    assert.match(asked.stderr, /would remove clinvk-backend-acme[^]*clinvk plugins reset --yes/)
    assert.equal(asked.code, 1)
    writeFileSync(join(plugins(), 'package.json'), '{"oclif": ')
    const damaged = await user.clinvk(['plugins'])
    assert.match(damaged.stderr, /The list of your plugins is damaged: [^]*clinvk plugins reset/)
    assert.equal(damaged.code, 3)
    assert.equal((await user.clinvk(['plugins', 'reset', '--yes'])).code, 0)
    assert.deepEqual(readdirSync(plugins()), [])
    assert.equal((await user.clinvk(['plugins', 'link', join(user.home, 'gone'), '--yes'])).code, 1)
  })

  it('are linked only with consent', async () => {
    const folder = user.directory('bare')
    user.write(
      'bare/package.json',
      JSON.stringify({name: 'bare', version: '1.0.0', oclif: {plugins: ['bare']}}),
    )
    const {code, stderr} = await user.clinvk(['plugins', 'link', folder])
    assert.match(stderr, /^Error: bare 1\.0\.0 is not an official plugin\. It needs your consent\.\n/)
    assert.match(stderr, RegExp(`  from         ${folder}\\n`))
    assert.match(stderr, RegExp(`If you trust it: clinvk plugins link ${folder} --yes\\n$`))
    assert.equal(code, 1)
    const env = {CLINVK_TRUST_ONLY: 'true'}
    await ends(user.clinvk(['plugins', 'link', folder, '--yes'], {env}), {
      code: 10,
      stderr: /bare may not be installed from .*: trust\.only allows packages of the registry/,
    })
    assert.equal(json(await user.clinvk(['plugins', 'list', '--json'])).total, 0)
    assert.match((await user.clinvk(['plugins', 'list'])).stdout, /^No plugins installed\./)
  })
})
