import assert from 'node:assert/strict'
import {execFileSync} from 'node:child_process'
import {cpSync, existsSync, readdirSync, renameSync, rmSync, writeFileSync} from 'node:fs'
import {basename, dirname, join} from 'node:path'
import {PluginUser} from '../../support/plugin-user.js'
import {inventedBackend, inventedPackage} from '../../support/registry/invented-package.js'
import {serveRegistry, type Registry} from '../../support/registry/index.js'
import {json} from '../../support/sandbox.js'

/** Real installs by the real npm, from a registry of this machine. */
describe('plugins', function () {
  // Each runs npm many times.
  this.timeout(180_000)
  let registry: Registry
  let user: PluginUser
  before(async () => {
    registry = await serveRegistry([
      inventedBackend('acme', {publisher: 'ada'}),
      inventedBackend('codex', {version: '9.0.0'}),
      inventedBackend('steady'),
      inventedBackend('steady', {version: '1.1.0', tag: 'next'}),
      inventedPackage({name: 'no-plugin'}),
    ])
  })
  beforeEach(() => {
    user = new PluginUser(registry)
  })
  afterEach(async () => {
    user.remove()
    await registry.comeBack()
  })
  after(() => registry.close())

  it('are installed by name, used, updated, broken, repaired and removed', async () => {
    const installed = await user.install(['clinvk-backend-acme', '--yes', '--json'])
    assert.deepEqual(json(installed), {
      installed: [
        {
          name: 'clinvk-backend-acme',
          version: '1.0.0',
          from: `the registry at ${new URL(registry.url).host}`,
          publisher: 'ada',
          replaces: [],
        },
      ],
    })
    assert.equal(installed.stderr, '')
    assert.equal(await user.answer('acme'), 'acme 1.0.0: hello\n')
    const list = json(await user.clinvk(['plugins', '--json']))
    assert.deepEqual(list, {
      plugins: [
        {
          name: 'clinvk-backend-acme',
          version: '1.0.0',
          type: 'user',
          root: join(user.plugins, 'node_modules/clinvk-backend-acme'),
          tag: 'latest',
          backends: ['acme'],
          commands: [],
        },
      ],
      total: 1,
    })

    registry.publish(inventedBackend('acme', {version: '1.1.0', publisher: 'ada'}))
    const updated = await user.clinvk(['plugins', 'update'])
    assert.deepEqual(
      [updated.code, updated.stdout, updated.stderr],
      [0, 'Updated clinvk-backend-acme 1.0.0 to 1.1.0.\n', ''],
    )
    assert.equal(await user.answer('acme'), 'acme 1.1.0: hello\n')
    assert.equal(
      (await user.clinvk(['plugins', 'update'])).stdout,
      'clinvk-backend-acme 1.1.0 is up to date.\n',
    )

    rmSync(join(user.plugins, 'node_modules/clinvk-backend-acme/index.js'))
    assert.match(await user.answer('acme'), /The backend acme does not load[^]*clinvk plugins update/)
    const repaired = json(await user.clinvk(['plugins', 'update', 'acme', '--json']))
    assert.deepEqual(repaired, {plugins: [{name: 'clinvk-backend-acme', state: 'updated', to: '1.1.0'}]})
    assert.equal(await user.answer('acme'), 'acme 1.1.0: hello\n')

    writeFileSync(join(user.plugins, 'node_modules/clinvk-backend-acme/package.json'), '{')
    const removed = await user.clinvk(['plugins', 'uninstall', 'acme'])
    assert.deepEqual([removed.code, removed.stdout], [0, 'Uninstalled clinvk-backend-acme.\n'])
    assert.match(await user.answer('acme'), /Unknown backend "acme"/)
    assert.deepEqual(
      Object.keys(user.files()).filter((file) => file.includes('acme')),
      [],
    )
  })

  it('that do not come in leave everything as it was', async () => {
    await user.install(['clinvk-backend-steady@1.0.0', '--yes'])
    const before = user.files()
    registry.publish(
      inventedBackend('steady', {
        version: '2.0.0-a',
        tag: 'a',
        manifest: {dependencies: {nowhere: '^3.0.0'}},
      }),
      inventedBackend('hollow', {manifest: {clinvk: undefined}}),
      inventedBackend('steady', {
        version: '2.0.0-b',
        tag: 'b',
        manifest: {clinvk: {contract: 7, backends: {}}},
      }),
      inventedBackend('steady', {
        version: '2.0.0-c',
        tag: 'c',
        manifest: {files: ['package.json'], clinvk: MISSING},
      }),
    )
    for (const [what, code, says] of [
      [
        'no-plugin',
        1,
        /no-plugin 1\.0\.0 is not a plugin for clinvk: its package\.json has neither the key oclif nor clinvk/,
      ],
      ['clinvk-backend-hollow', 1, /has no backend: its package\.json has no key clinvk/],
      [
        'clinvk-backend-steady@a',
        1,
        /clinvk-backend-steady needs nowhere@\^3\.0\.0, which is not in the registry/,
      ],
      [
        'clinvk-backend-steady@b',
        2,
        /clinvk-backend-steady cannot be used as a backend: it is made for contract 7/,
      ],
      ['clinvk-backend-steady@c', 2, /2\.0\.0-c is incomplete: the module of its backend steady is missing/],
    ] as const) {
      const failed = await user.install([what, '--yes'])
      assert.match(failed.stderr, says)
      assert.deepEqual([failed.code, failed.stdout], [code, ''])
      assert.deepEqual(user.files(), before)
    }

    assert.equal(await user.answer('steady'), 'steady 1.0.0: hello\n')
  })

  it('that are not there are told from a registry that is not', async () => {
    for (const [words, says] of [
      [['clinvk-backend-acm'], /There is no package named clinvk-backend-acm in the registry\.\n$/],
      [
        ['cluade'],
        /no package named cluade in the registry\.\n {2}Did you mean: clinvk plugins install clinvk-backend-claude/,
      ],
      [['qwen'], /write the whole one: clinvk plugins install clinvk-backend-qwen/],
      [
        ['clinvk-backend-acme@7'],
        /has no version or tag 7\.\n {2}Versions: .*1\.0\.0\n {2}Tags: .*latest \(/,
      ],
    ] as const) {
      const {code, stderr, stdout} = await user.install([...words, '--yes'])
      assert.match(stderr, says)
      assert.deepEqual([code, stdout], [1, ''])
    }

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
    assert.match(
      silent.stderr,
      /The registry at 127\.0\.0\.1:\d+ is not reachable: it does not answer in time/,
    )
    assert.equal(silent.code, 2)

    await registry.comeBack()
    registry.refuseWith(401)
    const refused = await user.install(['clinvk-backend-acme', '--yes'])
    assert.match(refused.stderr, /denies you clinvk-backend-acme[^]*npm login/)
    assert.equal(refused.code, 8)
  })

  it('say what is wrong with words that name nothing', async () => {
    user.write('project/junk.tgz', 'junk')
    user.directory('project/folder')
    for (const [word, says] of [
      ['./gone.tgz', /There is no file .*project\/gone\.tgz/],
      ['./folder', /\.\/folder is a folder\.\n.*clinvk plugins link \.\/folder\n.*npm pack \.\/folder/],
      ['junk.tgz', /junk\.tgz is not a package: it is not a tarball/],
      ['two words', /two words is neither the name of a package nor an address/],
      ['git+file:///nowhere.git', /git cannot get git\+file:\/\/\/nowhere\.git: /],
    ] as const) {
      const {code, stderr, stdout} = await user.install([word, '--yes'])
      assert.match(stderr, says)
      assert.deepEqual([code, stdout], [1, ''])
    }

    const noPlace = await user.install(['codex'], {env: {CLINVK_DATA_DIR: join(user.project, 'junk.tgz/x')}})
    assert.match(noPlace.stderr, /Plugins cannot be kept in .*junk\.tgz\/x[^]*CLINVK_DATA_DIR/)
    assert.equal(noPlace.code, 2)
    for (const command of ['uninstall', 'update']) {
      const {code, stderr} = await user.clinvk(['plugins', command, 'acme'])
      assert.match(
        stderr,
        /You have not installed a plugin named acme\.\n {2}You have installed no plugins\./,
      )
      assert.equal(code, 1)
    }

    assert.match((await user.clinvk(['plugins', 'update'])).stdout, /You have installed no plugins/)
    assert.match(
      (await user.clinvk(['plugins', 'uninstall', 'claude'])).stderr,
      /clinvk-backend-claude came with clinvk/,
    )
  })

  it('come from tarballs: a bare path, a file: URL, an address', async () => {
    const tarball = await inventedBackend('acme').tarball()
    user.write('project/acme.tgz', tarball)
    for (const [word, from] of [
      ['acme.tgz', `file:${user.project}/acme.tgz`],
      ['file:./acme.tgz', `file:${user.project}/acme.tgz`],
      [
        `${registry.url}/clinvk-backend-acme/-/clinvk-backend-acme-1.0.0.tgz`,
        `${registry.url}/clinvk-backend-acme/-/clinvk-backend-acme-1.0.0.tgz`,
      ],
    ] as const) {
      const {code, stderr, stdout} = await user.install([word, '--yes'])
      assert.equal(stdout.split('\n')[0], `Installed clinvk-backend-acme 1.0.0 from ${from}.`, stderr)
      assert.equal(code, 0)
    }

    user.write('project/acme.tgz', await inventedBackend('acme', {files: {'other.js': ''}}).tarball())
    await user.install(['acme.tgz', '--yes'])
    assert.match((await user.clinvk(['plugins', 'update'])).stdout, /is up to date/)
    user.write('project/acme.tgz', tarball)
    assert.match(
      (await user.clinvk(['plugins', 'update'])).stdout,
      /^Updated clinvk-backend-acme 1\.0\.0 to 1\.0\.0/,
    )
    rmSync(join(user.project, 'acme.tgz'))
    const {code, stdout} = await user.clinvk(['plugins', 'update'])
    assert.match(stdout, /clinvk-backend-acme 1\.0\.0 came from .*acme\.tgz, which is gone\./)
    assert.equal(code, 0)
    // Neither a tarball that is gone nor a registry that is down keeps others from coming and going.
    assert.equal((await user.install(['clinvk-backend-steady', '--yes'])).code, 0)
    await registry.goDown()
    assert.equal((await user.clinvk(['plugins', 'uninstall', 'steady'])).code, 0)
    await registry.comeBack()
    assert.equal(await user.answer('acme'), 'acme 1.0.0: hello\n')
  })

  it('come from a git repository, and are updated with it', async () => {
    const work = user.directory('work')
    const git = (...words: string[]) =>
      execFileSync('git', ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.org', ...words], {
        cwd: work,
        env: user.env,
        stdio: 'pipe',
      })
    const commit = async (version: string) => {
      execFileSync('tar', ['-xzf', '-', '--strip-components=1', '-C', work], {
        input: await inventedBackend('acme', {version}).tarball(),
      })
      git('add', '.')
      git('commit', '--quiet', '-m', version)
      git('push', '--quiet', join(user.home, 'bare.git'), 'HEAD:refs/heads/main')
    }

    execFileSync('git', ['init', '--quiet', '--bare', '-b', 'main', join(user.home, 'bare.git')], {
      env: user.env,
    })
    git('init', '--quiet', '-b', 'main')
    await commit('1.0.0')
    const address = `git+file://${user.home}/bare.git`
    const {code, stderr, stdout} = await user.install([address, '--yes'])
    assert.match(stdout, /^Installed clinvk-backend-acme 1\.0\.0 from git\+file:\/\//, stderr)
    assert.equal(code, 0)
    assert.equal(await user.answer('acme'), 'acme 1.0.0: hello\n')
    assert.match((await user.clinvk(['plugins', 'update'])).stdout, /is up to date/)
    await commit('1.2.0')
    assert.equal(
      (await user.clinvk(['plugins', 'update'])).stdout,
      'Updated clinvk-backend-acme 1.0.0 to 1.2.0.\n',
    )
    assert.equal(await user.answer('acme'), 'acme 1.2.0: hello\n')
  })

  it('of a user replace what came with clinvk, until they are removed', async () => {
    const installed = await user.install(['codex'])
    assert.match(installed.stdout, /It replaces clinvk-backend-codex 0\.\d+\.\d+, which came with clinvk\./)
    assert.equal(installed.code, 0)
    assert.equal(await user.answer('codex'), 'codex 9.0.0: hello\n')
    assert.equal((await user.clinvk(['plugins', 'remove', 'codex'])).code, 0)
    const {stdout} = await user.clinvk(['-b', 'codex', '--dry-run', 'hello'])
    assert.match(stdout, /^Would execute: .*\bcodex exec/)
  })

  describe('of an older version are complete, and used,', () => {
    let before: Record<string, string>
    beforeEach(async () => {
      await user.install(['clinvk-backend-steady@1.0.0', '--yes'])
      before = user.files()
    })

    const assertUnchanged = async () => {
      assert.deepEqual(user.files(), before)
      const {plugins} = json(await user.clinvk(['plugins', '--json'])) as {plugins: {version: string}[]}
      assert.deepEqual(
        plugins.map(({version}) => version),
        ['1.0.0'],
      )
      assert.equal(await user.answer('steady'), 'steady 1.0.0: hello\n')
    }

    it('when npm fails to install a newer one', async () => {
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
          env: {npm_config_fetch_timeout: '3000', npm_config_fetch_retries: '0'},
        })
        await registry.heardInSilence()
        if (whom === 'clinvk') child.kill(signal)
        else for (const pid of childrenOf(child.pid!)) process.kill(pid, signal)
        const {code, stderr} = await finished
        if (signal === 'SIGINT')
          assert.deepEqual([code, stderr], [130, 'Interrupted: nothing was changed.\n'])
        if (whom === 'npm') assert.match(stderr, /npm could not install clinvk-backend-steady/)
        await assertUnchanged()
        await registry.comeBack()
        assert.equal((await user.install(['clinvk-backend-steady@1.1.0', '--yes'])).code, 0)
        assert.equal(await user.answer('steady'), 'steady 1.1.0: hello\n')
        assert.deepEqual(
          readdirSync(dirname(user.plugins)).filter((name) => name !== basename(user.plugins)),
          [],
        )
      })
    }

    it('at the next start, when clinvk was killed between the two renames of a change', async () => {
      renameSync(user.plugins, `${user.plugins}.previous`)
      assert.equal(await user.answer('steady'), 'steady 1.0.0: hello\n')
      await assertUnchanged()
    })
  })

  it('run none of their code before the user agrees, also without a manifest', async () => {
    registry.publish(
      inventedPackage({
        name: 'bare',
        manifest: {type: 'module', oclif: {commands: './commands'}},
        files: {
          'commands/bare.js': `import {writeFileSync} from 'node:fs'
writeFileSync('${join(user.home, 'ran')}', '')
export default class {static run() {console.log('it runs')}}`,
        },
      }),
    )
    assert.match((await user.install(['bare'])).stderr, /bare 1\.0\.0 is not an official plugin/)
    assert.equal(existsSync(join(user.home, 'ran')), false)
    assert.equal((await user.install(['bare', '--yes'])).code, 0)
    assert.equal((await user.clinvk(['bare'])).stdout, 'it runs\n')
    const {stdout} = await user.clinvk(['plugins', 'list'])
    assert.match(stdout, /^PLUGIN +VERSION +CONTENTS +FROM\nbare +1\.0\.0 +1 command +the registry\n$/)
    const folder = user.directory('linked')
    cpSync(join(user.plugins, 'node_modules/bare'), folder, {recursive: true})
    await user.clinvk(['plugins', 'uninstall', 'bare'])
    rmSync(join(user.home, 'ran'))
    assert.match((await user.clinvk(['plugins', 'link', folder])).stderr, /is not an official plugin/)
    assert.equal(existsSync(join(user.home, 'ran')), false)
  })

  it('are recorded by the range that was asked for, and installed again by it', async () => {
    await user.install(['clinvk-backend-steady@^1', '--yes'])
    const tags = async () => {
      const {plugins} = json(await user.clinvk(['plugins', '--json'])) as {plugins: Record<string, unknown>[]}
      return plugins.map(({name, tag, version}) => [name, tag, version])
    }

    const recorded = [['clinvk-backend-steady', '^1', '1.1.0']]
    assert.deepEqual(await tags(), recorded)
    rmSync(join(user.plugins, 'node_modules/clinvk-backend-steady/index.js'))
    const {code, stderr, stdout} = await user.clinvk(['plugins', 'reset', '--reinstall'])
    assert.deepEqual([code, stdout, stderr], [0, 'Installed again: clinvk-backend-steady.\n', ''])
    assert.deepEqual(await tags(), recorded)
    assert.equal(await user.answer('steady'), 'steady 1.1.0: hello\n')
  })
})

/** The processes that a process has started. */
function childrenOf(pid: number): number[] {
  const pids = execFileSync('ps', ['-o', 'pid=', '--ppid', String(pid)], {encoding: 'utf8'})
  return pids.trim().split(/\s+/).map(Number)
}

const MISSING = {
  contract: 1,
  backends: {
    steady: {
      module: './gone.js',
      title: 'Steady',
      executable: 'cat',
      install: 'It is there.',
      capabilities: {},
    },
  },
}
