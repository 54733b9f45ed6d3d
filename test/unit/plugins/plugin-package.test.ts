import assert from 'node:assert/strict'
import {join} from 'node:path'
import {identifyPackage} from '../../../src/plugins/package-identity.js'
import type {Npm} from '../../../src/plugins/npm.js'
import {npmFailure} from '../../../src/plugins/npm-failure.js'
import {parsePackageSpec, recordedSpec} from '../../../src/plugins/package-spec.js'
import {checkBackends, readPluginPackage} from '../../../src/plugins/plugin-package.js'
import {fixture, Sandbox} from '../../support/sandbox.js'

describe('a package to install', () => {
  const user = new Sandbox().forEachTest()

  it('is named as npm names it, or by the short name of an official one', () => {
    user.write('project/acme.tgz', '')
    const path = join(user.project, 'acme.tgz')
    for (const [text, spec] of [
      ['clinvk-backend-x', {kind: 'registry', name: 'clinvk-backend-x', tag: 'latest'}],
      ['claude@next', {kind: 'registry', name: 'clinvk-backend-claude', tag: 'next'}],
      ['@acme/x@^1.2', {kind: 'registry', name: '@acme/x', tag: '^1.2'}],
      ['acme.tgz', {kind: 'tarball', spec: path}],
      ['file:./acme.tgz', {kind: 'tarball', spec: path}],
      ['../project/acme.tgz', {kind: 'tarball', spec: path}],
      ['https://example.org/x.tgz', {kind: 'url', spec: 'https://example.org/x.tgz'}],
      ['git+https://example.org/x.git#v1', {kind: 'git', spec: 'git+https://example.org/x.git#v1'}],
      ['acme/x', {kind: 'git', spec: 'acme/x'}],
    ] as const) {
      assert.deepEqual(parsePackageSpec(text, user.project), spec, text)
      if (spec.kind === 'registry') continue
      const url = spec.kind === 'tarball' ? `file:${spec.spec}` : spec.spec
      assert.deepEqual(recordedSpec({name: 'x', type: 'user', url}), spec, text)
    }
  })

  it('is refused when the word names nothing', () => {
    user.directory('project/folder')
    for (const [text, says] of [
      ['./gone.tgz', /^There is no file .*project\/gone\.tgz\.$/],
      [
        './folder',
        /^\.\/folder is a folder\.\nTo use it in place: clinvk plugins link \.\/folder\n.*npm pack \.\/folder/,
      ],
      ['two words', /^two words is neither the name of a package nor an address: /],
    ] as const)
      assert.throws(
        () => parsePackageSpec(text, user.project),
        ({hints, message}: {hints: string[]; message: string}) => says.test([message, ...hints].join('\n')),
        text,
      )
  })

  it('that the registry does not have: the message says what there is', async () => {
    const npm = (answers: Record<string, unknown>) =>
      ({view: (spec: string) => Promise.resolve(answers[spec])}) as unknown as Npm
    for (const [name, tag, answers, says] of [
      [
        'clinvk-backend-acm',
        'latest',
        {},
        /^There is no package named clinvk-backend-acm in the registry\.$/,
      ],
      [
        'cluade',
        'latest',
        {},
        /cluade in the registry\.\nDid you mean: clinvk plugins install clinvk-backend-claude$/,
      ],
      [
        'qwen',
        'latest',
        {},
        /Only official plugins have short names\. Write the whole name of the package\.$/,
      ],
      [
        'clinvk-backend-echo',
        'latest',
        {},
        /From its tarball: clinvk plugins install \.\/clinvk-backend-echo-VERSION\.tgz$/,
      ],
      [
        'x',
        '7',
        {x: {versions: ['0.9.0', '1.0.0'], 'dist-tags': {latest: '1.0.0'}}},
        /^x has no version or tag 7\.\nVersions: 1\.0\.0, 0\.9\.0\nTags: latest \(1\.0\.0\)$/,
      ],
    ] as const) {
      await assert.rejects(
        identifyPackage({kind: 'registry', name, tag}, npm(answers)),
        ({hints, kind, message}: {hints: string[]; kind: string; message: string}) =>
          kind === 'usage' && says.test([message, ...hints].join('\n')),
        name,
      )
    }
  })

  it('is not a plugin without the keys that make it one', async () => {
    for (const [pjson, says] of [
      ['{"version": "1.0.0"}', /lacks a name or a version/],
      [
        '{"name": "x", "version": "1.0.0"}',
        /x 1\.0\.0 is not a plugin for clinvk: .* neither the key oclif nor clinvk/,
      ],
      [
        '{"name": "clinvk-backend-x", "version": "1.0.0", "oclif": {}}',
        /has no backend: its package\.json has no key clinvk/,
      ],
      ['{', /its package\.json cannot be read/],
    ] as const) {
      user.write('x/package.json', pjson)
      const identity = {name: 'x', version: '1.0.0', pinned: '', maintainers: []}
      const reading = readPluginPackage(join(user.home, 'x'), {...identity, source: {kind: 'git', url: 'x'}})
      await assert.rejects(reading, {kind: 'usage', message: says}, pjson)
    }
  })

  it('cannot be used when its backend is for another contract, or is not built', async () => {
    const descriptor = {module: './gone.js', title: 'X', executable: 'cat', install: 'x', capabilities: {}}
    const pjson = {name: 'x', version: '2.0.0'}
    for (const [more, says] of [
      [{clinvk: {contract: 7, backends: {}}}, /^x cannot be used as a backend: it is made for contract 7/],
      [
        {clinvk: {contract: 1, backends: {x: descriptor}}},
        /^x 2\.0\.0 is incomplete: the module of its backend x is missing: \.\/gone\.js$/,
      ],
    ] as const)
      await assert.rejects(checkBackends(user.home, {...pjson, ...more}), {
        kind: 'unavailable',
        message: says,
      })
    user.write('gone.js', '')
    await checkBackends(user.home, {...pjson, clinvk: {contract: 1, backends: {x: descriptor}}})
  })
})

type NpmFailure = [code: string | number, summary: string, detail: string, kind: string, says: string]

describe('a failure of npm', () => {
  for (const [code, summary, detail, kind, says] of fixture('npm-failures.yaml') as NpmFailure[])
    it(`${code} ${detail} is of kind ${kind}`, () => {
      const failure = npmFailure({code, summary, detail}, 'acme')
      assert.match(failure.message, RegExp(says))
      assert.equal(failure.kind, kind)
    })
})
