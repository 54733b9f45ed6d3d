import assert from 'node:assert/strict'
import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {PluginUser} from '../../support/plugin-user.js'
import {inventedBackend, inventedPackage, type Invented} from '../../support/registry/invented-package.js'
import {serveRegistry, type Registry} from '../../support/registry/index.js'
import {ends, json} from '../../support/sandbox.js'

/** Installing a plugin runs somebody's code: which ones are allowed, and who is asked. All rules: unit/plugins/trust-policy. */
describe('trust in plugins', function () {
  this.timeout(180_000)
  let registry: Registry
  let user: PluginUser
  before(async () => {
    registry = await serveRegistry([
      inventedBackend('acme', {name: '@acme/clinvk-backend-acme', publisher: 'ada'}),
      inventedBackend('gemini', {version: '9.0.0'}),
      inventedBackend('echoo', {
        publisher: 'mallory',
        manifest: {
          repository: {type: 'git', url: 'git+https://git.example.org/e\u001B[31mcho.git'},
          deprecated: 'Use echo.',
          dependencies: {a: '1', b: '1'},
          scripts: {postinstall: 'node steal.js'},
        },
      }),
      inventedPackage(withScripts('1.0.0')),
      inventedPackage({name: 'a'}),
      inventedPackage({name: 'b'}),
    ])
  })
  beforeEach(() => (user = new PluginUser(registry)))
  afterEach(() => user.remove())
  after(() => registry.close())

  const installed = async () =>
    (json(await user.clinvk(['plugins', '--json'])).plugins as {name: string}[]).map(({name}) => name)
  const configure = (yaml: string) => user.write('.clinvk/config.yaml', yaml)

  it('is not given without a terminal, and what is known is shown', async () => {
    await ends(user.install(['clinvk-backend-echoo']), {
      code: 1,
      stdout: '',
      stderr: `Error: clinvk-backend-echoo 1.0.0 is not an official plugin. It needs your consent.
  from         the registry at ${new URL(registry.url).host}
  published by mallory, 2026-03-04
  maintainers  mallory
  repository   https://git.example.org/e\\u001b[31mcho.git
  dependencies 2
  backends     echoo
  scripts      postinstall: they will not run
  deprecated   Use echo.
  warning      the official plugin is clinvk-backend-echo
  A plugin runs its author's code with all your rights, whenever you use clinvk.
  If you trust it: clinvk plugins install clinvk-backend-echoo --yes
`,
    })
    assert.deepEqual(await installed(), [])
  })

  it('is given to official plugins and to patterns in the settings, from the registry only, and never by a project', async () => {
    assert.equal((await user.install(['gemini'])).code, 0)
    user.write('project/gemini.tgz', await inventedBackend('gemini').tarball())
    await ends(user.install(['gemini.tgz']), {
      code: 1,
      stderr:
        /clinvk-backend-gemini 1\.0\.0 has the name of an official plugin, but does not come from the registry[^]*replaces .*clinvk-backend-gemini 9\.0\.0/,
    })

    configure("trust: {only: true, plugins: ['@acme/*']}\n")
    assert.equal((await user.install(['@acme/clinvk-backend-acme'])).code, 0)
    assert.deepEqual(await installed(), ['@acme/clinvk-backend-acme', 'clinvk-backend-gemini'])
    user.write('project/.clinvk.yaml', "trust: {plugins: ['*'], only: false}\n")
    const denied = await user.install(['clinvk-backend-echoo', '--yes'])
    assert.match(denied.stderr, /clinvk-backend-echoo may not be installed/)
    assert.equal(denied.code, 10)
    const shown = await user.clinvk(['config', 'show', '--json'])
    assert.match(String(json(shown).warnings), /trust\.plugins, trust\.only are ignored/)
  })

  it('ends where the publisher of a plugin changes', async () => {
    const name = 'clinvk-backend-sold'
    const publish = (version: string, publisher: string) =>
      registry.publish(inventedBackend('sold', {version, publisher}))
    const update = async (words: string[] = [], env = {}) =>
      user.clinvk(['plugins', 'update', ...words], {env})
    publish('1.0.1', 'ada')
    await user.install([name, '--yes'])
    publish('1.0.2', 'mallory')
    const asked = await update(['--json'])
    const {plugins} = json(asked) as {
      plugins: {state: string; error: {hints: string[]; kind: string; message: string}}[]
    }
    const [{error, state}] = plugins as [(typeof plugins)[0]]
    assert.deepEqual([asked.code, state, error.kind], [1, 'failed', 'usage'])
    assert.equal(error.message, `${name} is now published by mallory; until now it was by ada.`)
    assert.equal(error.hints.at(-1), 'If you trust it: clinvk plugins update --yes')
    assert.match(asked.stderr, /^Error: clinvk-backend-sold is now published by mallory/)
    assert.equal((await update(['--yes'])).stdout, `Updated ${name} 1.0.1 to 1.0.2.\n`)

    // A listed plugin is allowed; the change is shown nevertheless.
    publish('1.0.4', 'trudy')
    await ends(update([], {CLINVK_TRUST_PLUGINS: 'clinvk-backend-*'}), {
      stdout: `Updated ${name} 1.0.2 to 1.0.4.\n`,
      stderr: `Note: ${name} is now published by trudy; until now it was by mallory.\n`,
    })
    publish('1.0.5', 'mallory')
    const list = join(user.plugins, 'package.json')
    writeFileSync(list, readFileSync(list, 'utf8').replace('"trust"', '"lost"'))
    assert.match((await update()).stderr, /It is unknown who published clinvk-backend-sold before/)
    assert.equal(await user.answer('sold'), 'sold 1.0.4: hello\n')
  })

  it('is about what was unpacked: plugins below it, and what they replace, also in an update', async () => {
    const publish = (version: string, manifest: object = {}) =>
      registry.publish(inventedBackend('parent', {version, publisher: 'ada', manifest: {...manifest}}))
    const declaring = {oclif: {plugins: ['innocent']}, dependencies: {innocent: '1'}}
    registry.publish(inventedBackend('claude', {name: 'innocent'}))
    publish('1.0.0', declaring)
    await ends(user.install(['clinvk-backend-parent']), {
      stderr:
        /\n {2}backends {5}parent, claude\n {2}plugins {6}innocent\n {2}replaces {5}the backend claude of clinvk-backend-claude 0\.\d+\.\d+\n/,
    })
    publish('1.1.0')
    assert.equal((await user.install(['clinvk-backend-parent', '--yes'])).code, 0)
    publish('1.2.0', declaring)
    await ends(user.clinvk(['plugins', 'update']), {
      code: 1,
      stderr: /^Error: clinvk-backend-parent now also provides: backend claude, plugin innocent\.\n/,
    })
  })

  it('is not given to a package that is another one than the registry says', async () => {
    const real = inventedBackend('evil', {version: '7.0.0'})
    const said = {name: 'clinvk-backend-codex', version: '9.0.0'}
    registry.publish({...real, ...said, manifest: {...real.manifest, ...said}})
    await ends(user.install(['codex']), {
      code: 10,
      stderr:
        /^Error: The package that was downloaded is not clinvk-backend-codex 9\.0\.0; it was not installed\./,
    })
    assert.deepEqual(await installed(), [])
  })

  it('is given to the package.json that is used: no other one in the package is taken instead', async () => {
    const inside = 'inside/clinvk-backend-nested'
    const {manifest} = inventedBackend('claude', {name: 'clinvk-backend-nested'})
    const files = {[`${inside}/index.js`]: '', [`${inside}/package.json`]: JSON.stringify(manifest)}
    registry.publish(inventedBackend('nested', {manifest: {main: `./${inside}/index.js`}, files}))
    assert.equal((await user.install(['clinvk-backend-nested', '--yes'])).code, 0)
    const {backends} = json(await user.clinvk(['backends', '--json'])) as {backends: Record<string, string>[]}
    const theirs = backends.filter(({plugin}) => plugin === 'clinvk-backend-nested').map(({name}) => name)
    assert.deepEqual(theirs, ['nested'])
  })

  it('does not extend to scripts of packages, unless they are allowed', async () => {
    const ran = () => readFileSync(join(user.home, 'ran'), 'utf8')
    await ends(user.install(['scripted', '--yes']), {
      stdout: /Its scripts did not run \(postinstall\)\. If it needs them: add --allow-scripts\./,
    })
    assert.throws(ran, /ENOENT/)
    assert.equal((await user.install(['scripted', '--yes', '--allow-scripts'])).code, 0)
    assert.equal(ran(), '1.0.0\n')
    registry.publish(inventedPackage(withScripts('1.1.0')))
    assert.equal((await user.clinvk(['plugins', 'update'])).code, 0)
    assert.equal(ran(), '1.0.0\n1.1.0\n')
    assert.match((await user.clinvk(['plugins', 'inspect', 'scripted'])).stdout, /scripts +they may run/)
  })

  it('may be refused by another plugin', async () => {
    const oclif = {hooks: {'plugins:preinstall': './policy.js'}}
    const pjson = {name: 'policy', version: '1.0.0', type: 'module', oclif}
    user.write('policy/package.json', JSON.stringify(pjson))
    user.write(
      'policy/policy.js',
      "export default ({plugin}) => { if (plugin.name === 'clinvk-backend-gemini') throw new Error('not on our list') }",
    )
    const folder = join(user.home, 'policy')
    assert.equal((await user.clinvk(['plugins', 'link', folder, '--yes'])).code, 0)
    const {code, stderr} = await user.install(['gemini'])
    assert.match(stderr, /policy refuses clinvk-backend-gemini: not on our list/)
    assert.equal(code, 10)
  })
})

function withScripts(version: string): Invented {
  const scripts = {postinstall: `echo ${version} >> $HOME/ran`}
  return {name: 'scripted', version, manifest: {oclif: {}, scripts}}
}
