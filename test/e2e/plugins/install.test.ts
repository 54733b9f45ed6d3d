import assert from 'node:assert/strict'
import {execFileSync} from 'node:child_process'
import {cpSync, existsSync, readdirSync, renameSync, rmSync, writeFileSync} from 'node:fs'
import {basename, dirname, join} from 'node:path'
import {PluginUser} from '../../support/plugin-user.js'
import {inventedBackend, inventedPackage} from '../../support/registry/invented-package.js'
import {serveRegistry, type Registry} from '../../support/registry/index.js'
import {ends, json} from '../../support/sandbox.js'

/** Real installs by the real npm, from a registry of this machine. */
describe('plugins', function () {
  this.timeout(180_000)
  let registry: Registry
  let user: PluginUser
  before(async () => {
    registry = await serveRegistry([
      inventedBackend('acme', {publisher: 'ada'}),
      inventedBackend('steady'),
      inventedBackend('steady', {version: '1.1.0', tag: 'next'}),
    ])
  })
  beforeEach(() => (user = new PluginUser(registry)))
  afterEach(async () => {
    user.remove()
    await registry.comeBack()
  })
  after(() => registry.close())

  it('are installed by name, used, updated, broken, repaired and removed', async () => {
    const installed = await user.install(['clinvk-backend-acme', '--yes', '--json'])
    const from = `the registry at ${new URL(registry.url).host}`
    assert.deepEqual(json(installed), {
      installed: [{name: 'clinvk-backend-acme', version: '1.0.0', from, publisher: 'ada', replaces: []}],
    })
    assert.equal(installed.stderr, '')
    assert.equal(await user.answer('acme'), 'acme 1.0.0: hello\n')
    const root = join(user.plugins, 'node_modules/clinvk-backend-acme')
    const listed = {name: 'clinvk-backend-acme', version: '1.0.0', type: 'user', root, tag: 'latest'}
    assert.deepEqual(json(await user.clinvk(['plugins', '--json'])), {
      plugins: [{...listed, backends: ['acme'], commands: []}],
      total: 1,
    })

    registry.publish(inventedBackend('acme', {version: '1.1.0', publisher: 'ada'}))
    const updated = await user.clinvk(['plugins', 'update'])
    assert.deepEqual([updated.stdout, updated.stderr], ['Updated clinvk-backend-acme 1.0.0 to 1.1.0.\n', ''])
    await ends(user.clinvk(['plugins', 'update']), {stdout: 'clinvk-backend-acme 1.1.0 is up to date.\n'})

    rmSync(join(root, 'index.js'))
    assert.match(await user.answer('acme'), /The backend acme does not load[^]*clinvk plugins update/)
    const repaired = json(await user.clinvk(['plugins', 'update', 'acme', '--json']))
    assert.deepEqual(repaired, {plugins: [{name: 'clinvk-backend-acme', state: 'updated', to: '1.1.0'}]})
    assert.equal(await user.answer('acme'), 'acme 1.1.0: hello\n')

    writeFileSync(join(root, 'package.json'), '{')
    const removed = await user.clinvk(['plugins', 'uninstall', 'acme'])
    assert.deepEqual([removed.code, removed.stdout], [0, 'Uninstalled clinvk-backend-acme.\n'])
    const left = Object.keys(user.files()).filter((file) => file.includes('acme'))
    assert.deepEqual(left, [])
  })

  it('that cannot be had are told from a registry that is not there', async () => {
    const missing = await user.install(['clinvk-backend-acme@7', '--yes'])
    assert.match(missing.stderr, /has no version or tag 7\.\n {2}Versions: .*1\.0\.0\n {2}Tags: .*latest \(/)
    assert.equal(missing.code, 1)

    await registry.goDown()
    const down = await user.install(['clinvk-backend-acme', '--yes', '--json'])
    const {error, exit_code: exit} = json(down) as {error: {kind: string; message: string}; exit_code: number}
    assert.match(error.message, /^The registry at 127\.0\.0\.1:\d+ is not reachable: ECONNREFUSED\.$/)
    assert.deepEqual([down.code, exit, error.kind], [2, 2, 'unavailable'])

    await registry.comeBack()
    registry.fallSilent()
    const silent = await user.install(['clinvk-backend-acme', '--yes'], {
      env: {npm_config_fetch_timeout: '300'},
    })
    assert.match(silent.stderr, /127\.0\.0\.1:\d+ is not reachable: it does not answer in time/)

    await registry.comeBack()
    registry.refuseWith(401)
    const refused = await user.install(['clinvk-backend-acme', '--yes'])
    assert.match(refused.stderr, /denies you clinvk-backend-acme[^]*npm login/)
    assert.equal(refused.code, 8)
  })

  it('are not installed from what is not a package, nor to where nothing can be written', async () => {
    user.write('project/junk.tgz', 'junk')
    for (const [word, says] of [
      ['junk.tgz', /junk\.tgz is not a package: it is not a tarball/],
      ['git+file:///nowhere.git', /git cannot get git\+file:\/\/\/nowhere\.git: /],
    ] as const) {
      await ends(user.install([word, '--yes']), {code: 1, stdout: '', stderr: says})
    }

    const noPlace = await user.install(['codex'], {env: {CLINVK_DATA_DIR: join(user.project, 'junk.tgz/x')}})
    assert.match(noPlace.stderr, /Plugins cannot be kept in .*junk\.tgz\/x[^]*CLINVK_DATA_DIR/)
    assert.equal(noPlace.code, 2)
  })

  it('come from tarballs: a file, an address', async () => {
    const tarball = await inventedBackend('acme').tarball()
    user.write('project/acme.tgz', tarball)
    const address = `${registry.url}/clinvk-backend-acme/-/clinvk-backend-acme-1.0.0.tgz`
    for (const [word, from] of [
      [address, address],
      ['acme.tgz', `file:${user.project}/acme.tgz`],
    ] as const) {
      const {stderr, stdout} = await user.install([word, '--yes'])
      assert.equal(stdout.split('\n')[0], `Installed clinvk-backend-acme 1.0.0 from ${from}.`, stderr)
    }

    const update = async () => (await user.clinvk(['plugins', 'update'])).stdout
    assert.match(await update(), /is up to date/)
    user.write('project/acme.tgz', await inventedBackend('acme', {files: {'other.js': ''}}).tarball())
    assert.match(await update(), /^Updated clinvk-backend-acme 1\.0\.0 to 1\.0\.0/)
    rmSync(join(user.project, 'acme.tgz'))
    assert.match(await update(), /clinvk-backend-acme 1\.0\.0 came from .*acme\.tgz, which is gone\./)
    // Neither a tarball that is gone nor a registry that is down keeps others from coming and going.
    assert.equal((await user.install(['clinvk-backend-steady', '--yes'])).code, 0)
    await registry.goDown()
    assert.equal((await user.clinvk(['plugins', 'uninstall', 'steady'])).code, 0)
    assert.equal(await user.answer('acme'), 'acme 1.0.0: hello\n')
  })

  it('come from a git repository, and are updated with it', async () => {
    const work = user.directory('work')
    const bare = join(user.home, 'bare.git')
    const git = (...words: string[]) =>
      execFileSync('git', ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.org', ...words], {
        cwd: work,
        env: user.env,
        stdio: 'pipe',
      })
    const commit = async (version: string) => {
      const manifest = {scripts: {prepare: 'touch $HOME/ran', preinstall: 'touch $HOME/ran'}}
      const input = await inventedBackend('acme', {version, manifest}).tarball()
      execFileSync('tar', ['-xzf', '-', '--strip-components=1', '-C', work], {input})
      git('add', '.')
      git('commit', '--quiet', '-m', version)
      git('push', '--quiet', bare, 'HEAD:refs/heads/main')
    }

    git('init', '--quiet', '--bare', '-b', 'main', bare)
    git('init', '--quiet', '-b', 'main')
    await commit('1.0.0')
    const {stderr, stdout} = await user.install([`git+file://${bare}`, '--yes'])
    assert.match(stdout, /^Installed clinvk-backend-acme 1\.0\.0 from git\+file:\/\//, stderr)
    assert.equal(await user.answer('acme'), 'acme 1.0.0: hello\n')
    assert.equal(existsSync(join(user.home, 'ran')), false)
    assert.match((await user.clinvk(['plugins', 'update'])).stdout, /is up to date/)
    await commit('1.2.0')
    await ends(user.clinvk(['plugins', 'update']), {stdout: 'Updated clinvk-backend-acme 1.0.0 to 1.2.0.\n'})
    assert.equal(await user.answer('acme'), 'acme 1.2.0: hello\n')
  })

  it('run none of their code before the user agrees, also without a manifest', async () => {
    const ran = join(user.home, 'ran')
    const code = `import {writeFileSync} from 'node:fs'
writeFileSync('${ran}', '')
export default class {static run() {console.log('it runs')}}`
    const manifest = {type: 'module', oclif: {commands: './commands'}}
    registry.publish(inventedPackage({name: 'bare', manifest, files: {'commands/bare.js': code}}))
    assert.match((await user.install(['bare'])).stderr, /bare 1\.0\.0 is not an official plugin/)
    assert.equal(existsSync(ran), false)
    assert.equal((await user.install(['bare', '--yes'])).code, 0)
    assert.equal((await user.clinvk(['bare'])).stdout, 'it runs\n')
    const {stdout} = await user.clinvk(['plugins', 'list'])
    assert.match(stdout, /^PLUGIN +VERSION +CONTENTS +FROM\nbare +1\.0\.0 +1 command +the registry\n$/)
    const folder = user.directory('linked')
    cpSync(join(user.plugins, 'node_modules/bare'), folder, {recursive: true})
    assert.equal((await user.clinvk(['plugins', 'reset', '--yes'])).code, 0)
    rmSync(ran)
    assert.match((await user.clinvk(['plugins', 'link', folder])).stderr, /is not an official plugin/)
    assert.equal(existsSync(ran), false)
  })

  it('are recorded by the range that was asked for, and installed again by it', async () => {
    await user.install(['clinvk-backend-steady@^1', '--yes'])
    const root = join(user.plugins, 'node_modules/clinvk-backend-steady')
    const assertRecorded = async () => {
      const {plugins} = json(await user.clinvk(['plugins', '--json'])) as {plugins: Record<string, unknown>[]}
      assert.deepEqual([plugins[0]?.tag, plugins[0]?.version], ['^1', '1.1.0'])
    }

    await assertRecorded()
    rmSync(join(root, 'index.js'))
    const {stderr, stdout} = await user.clinvk(['plugins', 'reset', '--reinstall'])
    assert.deepEqual([stdout, stderr], ['Installed again: clinvk-backend-steady.\n', ''])
    await assertRecorded()
    assert.ok(existsSync(join(root, 'index.js')))
  })
})

describe('an installed plugin is complete, and used,', function () {
  this.timeout(180_000)
  let registry: Registry
  let user: PluginUser
  let files: Record<string, string>
  // Instead of beforeEach: whatever happens to a change, nothing of it is left.
  before(async () => {
    registry = await serveRegistry([
      inventedBackend('steady'),
      inventedBackend('steady', {version: '1.1.0', tag: 'next'}),
      inventedBackend('steady', {version: '2.0.0', tag: 'a', manifest: {dependencies: {nowhere: '^3.0.0'}}}),
      inventedBackend('steady', {
        version: '3.0.0',
        tag: 'b',
        manifest: {clinvk: {contract: 7, backends: {}}},
      }),
    ])
    user = new PluginUser(registry)
    await user.install(['clinvk-backend-steady@1.0.0', '--yes'])
    files = user.files()
  })
  afterEach(() => registry.comeBack())
  after(async () => {
    user.remove()
    await registry.close()
  })

  const assertUnchanged = async () => {
    assert.deepEqual(user.files(), files)
    assert.equal(await user.answer('steady'), 'steady 1.0.0: hello\n')
  }

  it('when a newer one cannot be installed', async () => {
    for (const [tag, code, says] of [
      ['a', 1, /clinvk-backend-steady needs nowhere@\^3\.0\.0, which is not in the registry/],
      ['b', 2, /clinvk-backend-steady cannot be used as a backend: it is made for contract 7/],
    ] as const) {
      await ends(user.install([`clinvk-backend-steady@${tag}`, '--yes']), {code, stdout: '', stderr: says})
    }

    rmSync(join(user.home, 'npm-cache'), {recursive: true, force: true})
    registry.refuseWith(500, 'tarballs')
    const {code, stderr} = await user.install(['clinvk-backend-steady@1.1.0', '--yes'])
    assert.match(stderr, /The registry at 127\.0\.0\.1:\d+ is not reachable: it answers with 500\./)
    assert.equal(code, 2)
    await assertUnchanged()
  })

  for (const [what, signal, whom] of [
    ['clinvk is interrupted', 'SIGINT', 'clinvk'],
    ['clinvk is killed', 'SIGKILL', 'clinvk'],
    ['npm is killed', 'SIGKILL', 'npm'],
  ] as const) {
    it(`when ${what} while it installs a newer one`, async () => {
      registry.fallSilent('tarballs')
      rmSync(join(user.home, 'npm-cache'), {recursive: true, force: true})
      const {child, finished} = user.start(['plugins', 'install', 'clinvk-backend-steady@1.1.0', '--yes'], {
        env: {npm_config_fetch_timeout: '3000'},
      })
      await registry.heardInSilence()
      if (whom === 'clinvk') child.kill(signal)
      else for (const pid of childrenOf(child.pid!)) process.kill(pid, signal)
      const {code, stderr} = await finished
      if (signal === 'SIGINT') assert.deepEqual([code, stderr], [130, 'Interrupted: nothing was changed.\n'])
      if (whom === 'npm') assert.match(stderr, /npm could not install clinvk-backend-steady/)
      await assertUnchanged()
    })
  }

  it('at the next start, when clinvk was killed between the two renames of a change', async () => {
    renameSync(user.plugins, `${user.plugins}.previous`)
    assert.equal(await user.answer('steady'), 'steady 1.0.0: hello\n')
    await assertUnchanged()
  })

  it('until a change succeeds, which leaves nothing beside the plugins', async () => {
    assert.equal((await user.install(['clinvk-backend-steady@1.1.0', '--yes'])).code, 0)
    assert.equal(await user.answer('steady'), 'steady 1.1.0: hello\n')
    assert.deepEqual(readdirSync(dirname(user.plugins)), [basename(user.plugins)])
  })
})

/** The processes that a process has started. */
function childrenOf(pid: number): number[] {
  const pids = execFileSync('ps', ['-o', 'pid=', '--ppid', String(pid)], {encoding: 'utf8'})
  return pids.trim().split(/\s+/).map(Number)
}
