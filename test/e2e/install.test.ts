import assert from 'node:assert/strict'
import {cpSync, existsSync, readFileSync, realpathSync, rmSync} from 'node:fs'
import {createRequire} from 'node:module'
import {delimiter, dirname, join} from 'node:path'
import {filesIn} from '../support/files-in.js'
import {NPM, offlineNpm} from '../support/registry/offline-npm.js'
import {startRegistry, type Registry} from '../support/registry/index.js'
import {inventedBackend} from '../support/registry/invented-package.js'
import {PluginUser} from '../support/plugin-user.js'
import {ends, ROOT, Sandbox} from '../support/sandbox.js'

/** What a user gets: packed, and installed into an empty prefix from this one file. */
describe('clinvk, installed from its tarball', () => {
  const {plugins} = packageJson(ROOT).oclif as {plugins: string[]}
  const backends = plugins.filter((name) => name.startsWith('clinvk-backend-'))
  let user: Sandbox
  let registry: Registry | undefined
  let prefix: string
  let installed: string

  before('npm install --global --offline clinvk.tgz', async function () {
    this.timeout(180_000)
    user = new Sandbox()
    prefix = join(user.home, 'prefix')
    installed = join(prefix, 'lib/node_modules/clinvk')
    registry = await startRegistry()
    const [clinvk] = registry.has('clinvk')
    const tarball = user.write('clinvk.tgz', await clinvk!.tarball())
    const {code, stderr} = await user.run(
      process.execPath,
      [NPM, 'install', '--global', '--offline', '--prefix', prefix, tarball],
      {env: offlineNpm(user.home)},
    ).finished
    assert.equal(code, 0, stderr)
  })
  after(async () => {
    user.remove()
    await registry?.close()
  })

  /** Runs the installed `clinvk`, with nothing of the checkout in reach. */
  const clinvk = (...words: string[]) => {
    const path = [join(prefix, 'bin'), dirname(process.execPath), '/usr/bin', '/bin'].join(delimiter)
    return user.run('clinvk', words, {env: {PATH: path}}).finished
  }

  it('is the copy in the prefix, and tells its version', async () => {
    assert.equal(realpathSync(join(prefix, 'bin/clinvk')), join(installed, 'bin/run.js'))
    const {code, stderr, stdout} = await clinvk('--version')
    assert.equal(stdout.split('\n')[0], `clinvk ${String(packageJson(installed).version)}`)
    assert.deepEqual({code, stderr}, {code: 0, stderr: ''})
  })

  it('answers a prompt, goes on with it, and lists it as one session', async () => {
    await ends(clinvk('-b', 'echo', 'hello'), {code: 0, stdout: 'You said: hello\n', stderr: ''})

    const second = await clinvk('resume', '--last', 'again')
    assert.equal(second.stdout, 'You said: again\nThis is turn 2 of our conversation.\n')
    assert.equal(second.code, 0)

    const list = await clinvk('sessions', 'list')
    const [header, session, ...others] = list.stdout.trimEnd().split('\n')
    assert.match(header!, /^ID +BACKEND +STATUS +LAST USED +TOKENS +TITLE\/PROMPT$/)
    assert.match(session!, /^[0-9a-f]{8} +echo +active .* hello$/)
    assert.match(others.join('\n'), /^\n1 session, \d+ tokens$/)
    assert.equal(list.code, 0)
  })

  it('has all that a new backend is made of', async () => {
    await ends(clinvk('backends', 'create', 'acme'), {code: 0})
    const names = (directory: string) => files(directory).sort()
    const template = names(join(installed, 'src/backends/templates/module'))
    assert.deepEqual(
      names(join(user.project, 'clinvk-backend-acme')),
      [...template.map((file) => file.replace(/^gitignore/, '.gitignore')), 'contract.d.ts'].sort(),
    )
    assert.deepEqual(template, names(join(ROOT, 'src/backends/templates/module')))
  })

  it('has every command and every backend', async () => {
    const help = await clinvk('--help')
    for (const word of ['prompt', 'resume', 'sessions', 'backends', 'doctor', 'plugins', 'version'])
      assert.match(help.stdout, RegExp(`^  ${word} `, 'm'))
    for (const name of backends) {
      await ends(clinvk('--dry-run', '-b', name.slice('clinvk-backend-'.length), 'hello'), {
        stdout: /^Would execute: /,
        code: 0,
      })
    }
  })

  describe('packed without some of its backends', function () {
    this.timeout(180_000)
    const echo = 'clinvk-backend-echo'
    let owner: PluginUser

    before(() => {
      const lean = join(user.home, 'lean')
      cpSync(installed, lean, {recursive: true})
      for (const name of ['codex', 'echo'])
        rmSync(join(lean, 'plugins', `backend-${name}`), {recursive: true})
      registry!.publish(inventedBackend('claude', {version: '9.0.0'}))
      owner = new PluginUser(registry!)
    })
    after(() => owner.remove())

    const run = (...words: string[]) => {
      const env = {PATH: [dirname(process.execPath), '/usr/bin', '/bin'].join(delimiter)}
      return owner.run(process.execPath, [join(user.home, 'lean/bin/run.js'), ...words], {env}).finished
    }

    it('says which one is missing', async () => {
      const {code, stderr} = await run('-b', 'echo', 'hello')
      assert.match(stderr, /Unknown backend "echo"\. Available: claude, gemini, opencode\./)
      assert.equal(code, 2)
    })

    it('gets an official one on its own, and works with it', async () => {
      const {code, stderr, stdout} = await run('plugins', 'install', echo)
      assert.match(stdout, /^Installed clinvk-backend-echo \d+\.\d+\.\d+ from the registry/)
      assert.deepEqual([code, stderr], [0, ''])
      assert.equal((await run('-b', 'echo', 'hello')).stdout, 'You said: hello\n')
      assert.match((await run('-c', 'again')).stdout, /This is turn 2 of our conversation/)
    })

    it('gets one by its short name, which replaces that of the box until it is removed', async () => {
      assert.equal((await run('plugins', 'install', 'codex')).code, 0)
      assert.equal((await run('--dry-run', '-b', 'codex', 'hello')).code, 0)
      const {stdout} = await run('plugins', 'install', 'claude')
      assert.match(stdout, /It replaces clinvk-backend-claude .*, which came with clinvk/)
      assert.equal((await run('-b', 'claude', 'hello')).stdout, 'claude 9.0.0: hello\n')
      assert.equal((await run('plugins', 'uninstall', 'claude', 'codex')).code, 0)
      assert.equal((await run('-b', 'codex', 'hello')).code, 2)
      assert.match(
        (await run('plugins', '--core')).stdout,
        /clinvk-backend-claude +0\.\d+\.\d+ +backend claude +came with clinvk/,
      )
    })
  })

  for (const name of ['clinvk', ...backends]) {
    describe(`the package ${name}`, () => {
      let root: string
      before(() => {
        root = name === 'clinvk' ? installed : join(installed, 'plugins', name.replace('clinvk-', ''))
      })

      it('holds its licence and all that its package.json and manifest point at', () => {
        const missing = ['LICENSE', ...pointedAt(root)].filter((file) => !existsSync(join(root, file)))
        assert.deepEqual(missing, [])
      })

      it('holds no sources, no tests and nothing else of the workshop', () => {
        const workshop =
          /(?<!\.d)\.ts$|\.map$|tsbuildinfo|tsconfig|eslint|prettier|mocha|(^|[/.])tests?[/.]|(^|\/)(src|bench|docs)\//
        // What `backends create` and `completion` write stands beside their sources.
        const own = files(root).filter(
          (file) =>
            !/^src\/(backends\/templates|completion\/shells)\/|^plugins\/|^dist\/commands\/backends\/test\.js(on)?$/.test(
              file,
            ),
        )
        assert.deepEqual(
          own.filter((file) => workshop.test(file)),
          [],
        )
      })

      it('declares every package that it imports', () => {
        const {dependencies, peerDependencies} = packageJson(root)
        const declared = new Set(Object.keys({...(dependencies as object), ...(peerDependencies as object)}))
        const undeclared = imports(root).filter(({specifier}) => !declared.has(packageOf(specifier)))
        assert.deepEqual(undeclared, [])
      })

      it('imports only what is there', () => {
        for (const {file, specifier} of imports(root)) {
          assert.doesNotThrow(
            () => createRequire(join(root, file)).resolve(specifier),
            `${file} imports ${specifier}`,
          )
        }
      })
    })
  }
})

type Json = Record<string, unknown>

function packageJson(root: string): Json {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Json
}

/** The files of a package, without those of the packages in it. */
function files(root: string): string[] {
  return filesIn(root).filter((file) => !file.startsWith('node_modules/'))
}

/** The files that a package says it has: in package.json, and by the commands of its manifest. */
function pointedAt(root: string): string[] {
  const {bin, clinvk, exports, oclif} = packageJson(root)
  const named = [bin, clinvk, exports, oclif].flatMap((part) => paths(part))
  if ((oclif as Json).commands === undefined) return named
  const described = JSON.parse(readFileSync(join(root, 'dist/plugins.json'), 'utf8')) as {
    commands: {relativePath: string[]}[]
  }[]
  return [
    ...named,
    ...described.flatMap(({commands}) => commands.map(({relativePath}) => join(...relativePath))),
  ]
}

/** Everything in some JSON that reads like a path of the package: `./dist/index.js`, not `./dist/*.js`. */
function paths(json: unknown): string[] {
  if (typeof json === 'string') return /^\.\/[^*]+$/.test(json) ? [json] : []
  return typeof json === 'object' && json !== null ? Object.values(json).flatMap((part) => paths(part)) : []
}

/** What the files of a package import from other packages. */
function imports(root: string): {file: string; specifier: string}[] {
  const statement = /(?:^|\W)(?:from|import|import\()\s*'([^'.][^']*)'/g
  return files(root)
    .filter((file) => file.endsWith('.js'))
    .flatMap((file) =>
      [...readFileSync(join(root, file), 'utf8').matchAll(statement)].map(([, specifier]) => ({
        file,
        specifier: specifier!,
      })),
    )
    .filter(({specifier}) => !specifier.startsWith('node:'))
}

/** `@oclif/core/flags` is of `@oclif/core`. */
function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}
