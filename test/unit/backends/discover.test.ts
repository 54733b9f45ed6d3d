import assert from 'node:assert/strict'
import {chmodSync, existsSync, mkdirSync, rmSync, writeFileSync} from 'node:fs'
import {delimiter, join, resolve} from 'node:path'
import {discoverBackends, type BackendEntry} from 'clinvk-kit/backends/discover'
import {findExecutable} from 'clinvk-kit/backends/find-executable'
import {Sandbox} from '../../support/sandbox.js'

const GOOD = {module: './index.js', title: 'A', executable: 'a', install: 'get a', capabilities: {}}

describe('installed backends', () => {
  const plugin = (name: string, clinvk?: unknown, root = '/nowhere') => ({
    name,
    root,
    pjson: {version: '1.0.0', ...(clinvk === undefined ? {} : {clinvk})},
  })
  const contribution = (backends: unknown) => ({contract: 1, backends})
  const OPTION = {type: 'string', description: 'Something.'}
  const options = (options: object) => contribution({a: {...GOOD, options}})

  it('are found by name; those of the first package win', async () => {
    const {backends, problems} = await discoverBackends([
      plugin('plain'),
      plugin('of-the-user', contribution({a: {...GOOD, title: 'mine'}})),
      plugin('ours', contribution({a: GOOD, b: GOOD})),
    ])
    assert.deepEqual([...backends.keys()], ['a', 'b'])
    assert.equal(backends.get('a')?.descriptor.title, 'mine')
    assert.equal(backends.get('b')?.plugin, 'ours')
    assert.deepEqual(problems, [])
  })

  const INVALID: [name: string, clinvk: unknown, issue: RegExp][] = [
    ['a text', 'yes', /in `clinvk` of its package\.json, it must be an object/],
    ['null', null, /it must be an object/],
    ['a list', [], /it must be an object/],
    ['no contract', {backends: {}}, /`contract` must be 1/],
    ['a later contract', {contract: 2, backends: {}}, /it is made for contract 2, this clinvk uses contract 1/],
    ['a contract in words', {contract: '1', backends: {}}, /`contract` must be 1/],
    ['no backends', {contract: 1}, /`backends` must be an object/],
    ['an invalid name', contribution({'A b': GOOD}), /`backends\."A b"` is not a name for a backend/],
    ['no descriptor', contribution({a: null}), /`backends\.a` must be an object/],
    ['no module', contribution({a: {...GOOD, module: undefined}}), /`backends\.a` must have either `module` or `command`/],
    ['a title of a wrong type', contribution({a: {...GOOD, title: 7}}), /`backends\.a\.title` must be one line of text/],
    ['no capabilities', contribution({a: {...GOOD, capabilities: []}}), /`backends\.a\.capabilities` must be an object/],
    ['a list of options', contribution({a: {...GOOD, options: []}}), /`backends\.a\.options` must be an object/],
    ['an option that every backend has', options({model: OPTION}), /`backends\.a\.options\.model` is not a name for an option/],
    ['an option with an invalid name', options({'Effort!': OPTION}), /`backends\.a\.options\."Effort!"` is not a name for an option/],
    [
      'a shell script of its own',
      contribution({a: {...GOOD, executable: './agent.sh'}}),
      /`backends\.a\.executable` must be the name of a program, or a script for Node inside the package/,
    ],
    ['an option of an unknown type', options({x: {...OPTION, type: 'date'}}), /`backends\.a\.options\.x\.type` must be one of string, boolean,/],
    ['an option without a description', options({x: {type: 'list'}}), /`backends\.a\.options\.x\.description` must be one line of text/],
    ['an option of no values', options({x: {...OPTION, values: []}}), /`backends\.a\.options\.x\.values` must be a list with at least one value/],
  ] // prettier-ignore
  it('that are invalid are left out with one sentence; others stay', async () => {
    for (const [name, clinvk, issue] of INVALID) {
      const {backends, problems} = await discoverBackends([
        plugin('broken', clinvk),
        plugin('fine', contribution({b: GOOD})),
      ])
      assert.deepEqual([[...backends.keys()], problems.length], [['b'], 1], name)
      assert.match(problems[0]!, /^broken cannot be used as a backend: .*\.$/)
      assert.match(problems[0]!, issue)
    }
  })

  describe('when loaded', () => {
    const user = new Sandbox().forEachTest()
    let count = 0
    const load = async (code: string) => {
      const module = `./${count++}.js`
      user.write('package.json', '{"type": "module"}')
      if (code !== '') user.write(module, code)
      const some = plugin('some', contribution({a: {...GOOD, module}}), user.home)
      const {backends} = await discoverBackends([some])
      return backends.get('a')!.load()
    }

    const BROKEN: [code: string, message: RegExp][] = [
      ['', /does not load: .*0\.js/],
      ['export default {', /does not load: /],
      ['throw new Error("no luck")', /does not load: no luck/],
      ['throw "no luck"', /does not load: no luck/],
      ['export const plan = 1', /has no `plan` and `reader`/],
      ['export default {plan() {}}', /has no `plan` and `reader`/],
      ['export default null', /has no `plan` and `reader`/],
    ]
    it('are unavailable when the module is broken', async () => {
      for (const [code, message] of BROKEN)
        await assert.rejects(load(code), {kind: 'unavailable', message}, code)
      const backend = await load('export default {plan() {}, reader() {}}')
      assert.equal(typeof backend.plan, 'function')
    })
  })
})

describe('the program of a backend', () => {
  const user = new Sandbox().forEachTest()
  let directory: string
  let second: string
  beforeEach(() => ([directory = '', second = ''] = ['path', 'second'].map((name) => user.directory(name))))

  const entry = (executable: string) =>
    ({root: '/package', descriptor: {...GOOD, executable}}) as unknown as BackendEntry
  const find = (executable: string, ...path: string[]) =>
    findExecutable(entry(executable), {PATH: path.join(delimiter)})?.file
  const program = (file: string) => {
    writeFileSync(file, '#!/bin/sh\n')
    chmodSync(file, 0o755)
    return file
  }

  it('is the first in PATH that can be executed', () => {
    const agent = program(join(second, 'agent'))
    assert.equal(find('agent', '/no/such', directory, second), agent)
    writeFileSync(join(directory, 'agent'), 'no program')
    assert.equal(find('agent', directory, second), agent)
    rmSync(join(directory, 'agent'))
    mkdirSync(join(directory, 'agent'))
    assert.equal(find('agent', directory, second), agent)
  })

  it('is never looked for in a place that depends on the current directory', () => {
    assert.ok(existsSync('bin/run.js'))
    assert.equal(find('run.js', 'bin', './bin', '', '.'), undefined)
    assert.equal(find('run.js', '.', resolve('bin')), resolve('bin/run.js'))
    assert.equal(findExecutable(entry('run.js'), {}), undefined)
  })

  it('may be given with its directory, or be a script of the package', () => {
    const agent = program(join(second, 'agent'))
    assert.deepEqual([find(agent), find(join(second, 'none'))], [agent, undefined])
    const script = {file: process.execPath, leading: ['/package/agent.js']}
    assert.deepEqual(findExecutable(entry('./agent.js'), {}), script)
    assert.equal(findExecutable(entry('agent'), {}), undefined)
  })
})
