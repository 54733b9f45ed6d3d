import assert from 'node:assert/strict'
import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {isOfficial} from '../../../src/plugins/package-names.js'
import {type PluginPackage, readPluginPackage} from '../../../src/plugins/plugin-package.js'
import {decide, type InstalledBefore} from '../../../src/plugins/trust-policy.js'
import {ROOT, Sandbox} from '../../support/sandbox.js'

const REGISTRY = {kind: 'registry', host: 'npm.example.org', tag: 'latest'} as const
const TARBALL = {kind: 'tarball', url: 'file:/x.tgz'} as const
const NONE = {plugins: [], only: false}
const LISTED = {plugins: ['@acme/*', 'clinvk-backend-b*'], only: false}
const ONLY = {...LISTED, only: true}

describe('trust policy', () => {
  it('has every package of this repository as an official one', () => {
    assert.deepEqual(
      officialPackages().filter((name) => !isOfficial(name)),
      [],
    )
  })

  for (const [name, source, trust, kind] of [
    ['clinvk-backend-gemini', REGISTRY, NONE, 'allow'],
    ['clinvk-backend-gemini', TARBALL, NONE, 'ask'],
    ['clinvk-backend-gemini', REGISTRY, ONLY, 'allow'],
    ['clinvk-backend-gemini', TARBALL, ONLY, 'deny'],
    ['clinvk-backend-acme', REGISTRY, NONE, 'ask'],
    ['clinvk-backend-acme', TARBALL, NONE, 'ask'],
    ['clinvk-backend-acme', REGISTRY, LISTED, 'ask'],
    ['clinvk-backend-acme', REGISTRY, ONLY, 'deny'],
    ['clinvk-backend-acme', TARBALL, ONLY, 'deny'],
    ['clinvk-backend-bee', REGISTRY, LISTED, 'allow'],
    ['@acme/clinvk-backend-x', REGISTRY, LISTED, 'allow'],
    ['@acme/clinvk-backend-x', TARBALL, LISTED, 'ask'],
    ['@acme/clinvk-backend-x', REGISTRY, ONLY, 'allow'],
    ['@other/clinvk-backend-b', REGISTRY, LISTED, 'ask'],
  ] as const) {
    const settings =
      trust === NONE ? 'without settings' : trust === LISTED ? 'with a list' : 'with trust.only'
    it(`${kind}: ${name} from the ${source.kind}, ${settings}`, () => {
      assert.equal(decide(plugin({name, source}), trust).kind, kind)
    })
  }

  it('says which setting denies a plugin', () => {
    const messages = [REGISTRY, TARBALL].map((source) => {
      const decision = decide(plugin({name: 'clinvk-backend-acme', source}), ONLY)
      return decision.kind === 'deny' ? decision.failure.message : decision.kind
    })
    assert.match(messages[0]!, /^clinvk-backend-acme may not be installed: .*trust\.only is true\.$/)
    assert.match(messages[1]!, /^clinvk-backend-acme may not be installed from file:\/x\.tgz: trust\.only/)
  })

  describe('for an update', () => {
    const record = {
      origin: 'the registry at npm.example.org',
      publisher: 'ada',
      maintainers: ['ada'],
      version: '1.0.0',
      scripts: false,
      installedAt: '2026-03-04T05:06:07.000Z',
    }
    const before: InstalledBefore = {
      record,
      version: '1.0.0',
      provides: {backends: ['acme'], hooks: ['turn:end'], plugins: ['kid']},
    }
    const everything = {backends: ['acme', 'claude'], hooks: ['turn:guard'], plugins: ['kid', 'other']}
    const unknown = {version: undefined, provides: undefined}
    const UPDATES: [what: string, now: Partial<PluginPackage>, old: Partial<InstalledBefore>, reason?: string][] = [
      ['that changes nothing of this', {version: '1.1.0'}, {}],
      ['that provides less', {provides: {backends: [], hooks: [], plugins: []}}, {}],
      ['by another publisher', {publisher: 'mallory'}, {}, 'acme is now published by mallory; until now it was by ada.'],
      ['by an unknown publisher and other maintainers', {publisher: undefined, maintainers: ['mallory']},
        {record: {...record, publisher: undefined}}, 'acme is now maintained by mallory; until now it was by ada.'],
      ['from another registry', {source: {...REGISTRY, host: 'other.example.org'}}, {},
        'acme now comes from the registry at other.example.org; until now it came from the registry at npm.example.org.'],
      ['without a record', {}, {record: undefined}, 'It is unknown who published acme before.'],
      ['to an older version', {version: '0.9.10'}, {}, 'acme would be downgraded from 1.0.0 to 0.9.10.'],
      ['to a version before a release', {version: '1.0.0-b'}, {}, 'acme would be downgraded from 1.0.0 to 1.0.0-b.'],
      ['to an earlier version before a release', {version: '2.0.0-b.9+z'}, {version: '2.0.0-b.10+a'},
        'acme would be downgraded from 2.0.0-b.10+a to 2.0.0-b.9+z.'],
      ['to the release', {version: '2.0.0'}, {version: '2.0.0-b.10'}],
      ['to a tenth version', {version: '1.10.0'}, {version: '1.9.0'}],
      ['with new backends, hooks and plugins', {provides: everything}, {},
        'acme now also provides: backend claude, hook turn:guard, plugin other.'],
      ['of one that cannot be read any more', {}, unknown, 'It is unknown what acme provided before.'],
      ['to a version older than the recorded one', {version: '0.9.0'}, unknown, 'acme would be downgraded from 1.0.0 to 0.9.0.'],
    ] // prettier-ignore
    for (const [what, now, old, reason] of UPDATES) {
      const candidate = plugin({name: 'acme', publisher: 'ada', maintainers: ['ada'], ...now})
      it(`${reason === undefined ? 'allows one' : 'asks about one'} ${what}, and only notes it of a listed plugin`, () => {
        const on = (plugins: string[], only: boolean) =>
          decide(candidate, {plugins, only}, {...before, ...old})
        assert.deepEqual(on([], false), reason === undefined ? {kind: 'allow'} : {kind: 'ask', reason})
        assert.equal(on([], true).kind, 'deny')
        const note = 'record' in old && old.record === undefined ? undefined : reason
        assert.deepEqual(on(['acme'], true), {kind: 'allow', note})
      })
    }
  })
})

describe('an unpacked package', () => {
  const user = new Sandbox().forEachTest()

  const unpack = (name: string, pjson: object = {}, from = 'tree') =>
    user.write(
      `${from}/node_modules/${name}/package.json`,
      JSON.stringify({name, version: '1.0.0', oclif: {}, ...pjson}),
    )
  const read = async (name: string) =>
    readPluginPackage(join(user.home, 'tree/node_modules', name), plugin({name}))
  const backends = (...names: string[]) => ({
    clinvk: {contract: 1, backends: Object.fromEntries(names.map((name) => [name, {}]))},
  })

  it('provides what it declares, and what the plugins below oclif.plugins declare', async () => {
    unpack('team', {
      ...backends('team'),
      oclif: {plugins: ['kid-*'], hooks: {'turn:end': './x.js'}},
      dependencies: {'kid-a': '1', 'kid-b': '1', other: '1'},
      scripts: {postinstall: 'x', test: 'x'},
      repository: {url: 'git+https://git.example.org/team.git'},
    })
    unpack('kid-a', {...backends('claude'), oclif: {hooks: {'turn:guard': ['./x.js']}}})
    unpack('kid-b', {...backends('b'), oclif: {plugins: ['kid-c'], hooks: {}}, dependencies: {'kid-c': '1'}})
    // Another name than that of its directory, as of an alias.
    unpack('kid-c', {...backends('c'), name: 'real-c'}, 'tree/node_modules/kid-b')
    unpack('other', backends('no'))
    const {provides, repository, scripts} = await read('team')
    assert.deepEqual(provides, {
      backends: ['team', 'claude', 'b', 'c'],
      hooks: ['turn:end', 'turn:guard'],
      plugins: ['kid-a', 'kid-b', 'real-c'],
    })
    assert.deepEqual([repository, scripts], ['https://git.example.org/team.git', ['postinstall']])
  })

  it('may declare itself, or a plugin that declares it', async () => {
    unpack('loop', {oclif: {plugins: ['*']}, dependencies: {loop: '1', other: '1'}})
    unpack('other', {...backends('x'), oclif: {plugins: ['*']}, dependencies: {loop: '1', other: '1'}})
    assert.deepEqual((await read('loop')).provides, {backends: ['x'], hooks: [], plugins: ['other']})
  })

  it('may contain nonsense, which provides nothing', async () => {
    for (const nonsense of [
      {oclif: 5, clinvk: 'x'},
      // A name on which a regular expression for this pattern would not end.
      {oclif: {plugins: ['*a'.repeat(40)]}, dependencies: {[`${'a'.repeat(200)}b`]: '1'}},
      {oclif: {plugins: 5, hooks: []}, clinvk: {backends: null}, dependencies: null},
    ]) {
      unpack('odd', nonsense)
      assert.deepEqual((await read('odd')).provides, {backends: [], hooks: [], plugins: []})
    }
  })
})

function plugin(facts: Partial<PluginPackage>): PluginPackage {
  const {name = 'acme', version = '1.0.0'} = facts
  return {
    name,
    version,
    source: REGISTRY,
    pinned: `${name}@${version}`,
    maintainers: [],
    pjson: {name, version},
    provides: {backends: ['acme'], hooks: [], plugins: []},
    scripts: [],
    ...facts,
  }
}

/** The backends and plugins of this repository. */
function officialPackages(): string[] {
  const read = (folder: string) =>
    JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8')) as Record<string, unknown>
  const packages = (read('.').workspaces as string[]).map(read)
  return packages.filter(({oclif}) => oclif).map(({name}) => String(name))
}
