import assert from 'node:assert/strict'
import {rmSync} from 'node:fs'
import {CliUser} from '../../support/cli-user.js'
import {linkBackendPlugin, linkPlugin, writeList} from '../../support/link-plugin.js'
import {doctor, wrong} from '../../support/doctor.js'
import {each, ends, json} from '../../support/sandbox.js'
import {scenes} from '../../support/scenes.js'

const COMMAND = 'export default class { static run() { console.log("it runs") } }'
const manifest = (commands: unknown, version = '1.2.3') => JSON.stringify({version, commands})
const loadable = (id: string) => ({
  [id]: {
    id,
    aliases: [],
    args: {},
    flags: {},
    isESM: true,
    relativePath: ['commands', `${id.replaceAll(':', '/')}.js`],
  },
})
const withCommands = {oclif: {commands: './commands'}}
const TOPICS = {oclif: {commands: './commands', topics: {a: 5}}}

/** A package that is broken in one way, and what is said of it. */
const PACKAGES: [name: string, pjson: object | string, files: Record<string, string>, says: RegExp][] = [
  ['no-json', '{"name": ', {}, /does not load from .*: its package\.json cannot be read: /],
  ['null-json', 'null', {}, /does not load from .*: its package\.json cannot be read: /],
  ['no-name', {name: undefined}, {}, /does not load from .*: no name in package\.json/],
  ['odd-name', {name: 'x\u001B[31m\n'}, {}, /odd-name does not load from .*: the `name` in its package\.json is not valid/],
  ['no-version', {version: undefined}, {}, /does not load from .*: the `version` in its package\.json is missing or not valid/],
  ['our-name', {name: 'clinvk'}, {}, /does not load from .*: its name is that of clinvk itself/],
  ['odd-hooks', {oclif: {hooks: {init: [{}]}}}, {}, /`oclif\.hooks` in its package\.json names no file for "init"/],
  ['broken-init', {oclif: {hooks: {init: './none.js'}}}, {}, /^$/],
  ['odd-topics', TOPICS, {'commands/odd.js': COMMAND}, /^Note: Commands of the plugin odd-topics are not used: `oclif\.topics`/m],
  ['odd-manifest', withCommands, {'oclif.manifest.json': '{'}, /^Note: The oclif\.manifest\.json of the plugin odd-manifest cannot be read: /m],
  ['null-manifest', withCommands, {'oclif.manifest.json': manifest(null)}, /does not load from .*: its oclif\.manifest\.json cannot be read/],
  ['odd-command', withCommands, {'oclif.manifest.json': manifest({a: 5})}, /odd-command are not used: its oclif\.manifest\.json has a command without an `id`/],
  ['odd-aliases', withCommands, {'oclif.manifest.json': manifest({a: {id: 'a', aliases: 5}})}, /odd-aliases are not used: .* has aliases of a that are not valid/],
  ['odd-flags', withCommands, {'oclif.manifest.json': manifest({a: {id: 'a', flags: {x: null}}})}, /odd-flags are not used: .* has flags or arguments of a/],
  ['odd-summary', withCommands, {'oclif.manifest.json': manifest({a: {id: 'a', summary: {}}})}, /odd-summary are not used: /],
  ['throwing', withCommands, {'commands/throwing.js': 'throw new Error("no luck")'}, /throwing are not used: no luck/],
  ['other-contract', {clinvk: {contract: 99, backends: {}}}, {}, /other-contract cannot be used as a backend: it is made for contract 99/],
  ['odd-descriptor', {clinvk: {contract: 1, backends: {odd: {title: '\u001B[31m'}}}}, {}, /odd-descriptor cannot be used as a backend: in `clinvk` of its package\.json, `backends\.odd\.title` must be /],
] // prettier-ignore

describe('broken plugins', () => {
  const user = new CliUser({CLINVK_BACKEND: 'echo'}).forEachTest()

  scenes(user, 'broken-plugins')

  it('all at once hinder no command; each is named once, none with a stack, and doctor says what to do', async () => {
    for (const [name, pjson, files] of PACKAGES) linkPlugin(user, name, pjson, files)
    rmSync(linkPlugin(user, 'gone'), {recursive: true})
    const {stderr} = await ends(user.clinvk(['hello']), {code: 0, stdout: 'You said: hello\n'})
    for (const [name, , , says] of PACKAGES) {
      if (says.source === '^$') continue
      assert.match(stderr, says)
      assert.equal(
        stderr
          .split('\n')
          .filter((line) => line.includes(`plugin ${name} `) || line.includes(`${name} cannot`)).length,
        1,
        `${name}\n${stderr}`,
      )
    }

    assert.match(
      stderr,
      /The plugin gone does not load from .*: there is no .*package\.json\. More: clinvk doctor$/m,
    )
    assertTidy(stderr)
    assert.equal(user.sessions()[0]?.last_outcome, 'success')

    assert.match((await user.clinvk(['--help'])).stdout, /^ {2}sessions /m)
    assert.equal(json(await user.clinvk(['sessions', 'list', '--json'])).total, 1)
    const known = json(await user.clinvk(['backends', '--json'])) as {total: number; problems: string[]}
    assert.equal(known.total, 5)
    assert.equal(known.problems.length, PACKAGES.length, known.problems.join('\n'))
    const found = await doctor(user)
    const told = wrong(found, 'plugins')
    assert.equal(found.code, 1)
    assert.equal(told.length, PACKAGES.length, told.map(({message}) => message).join('\n'))
    for (const {hints = [], message} of told) assert.notEqual(hints.length, 0, message)
    assertTidy(told.map(({message}) => message).join('\n'))
  })

  it('that declare themselves, or each other, are loaded once and can be removed', async () => {
    // On twelve that declare all twelve, a walk along each path does not end within the time of a test.
    const names = Array.from({length: 12}, (_, index) => `loop-${index}`)
    const dependencies = Object.fromEntries(names.map((name) => [name, '1']))
    const pjson = {version: '1.2.3', oclif: {plugins: ['*']}, dependencies}
    for (const name of names)
      user.write(`.local/share/clinvk/node_modules/${name}/package.json`, JSON.stringify({name, ...pjson}))
    const listed = names.slice(0, 2)
    writeList(user, {oclif: {plugins: listed.map((name) => ({name, type: 'user'}))}})
    await ends(user.clinvk(['hello']), {code: 0, stdout: 'You said: hello\n', stderr: ''})
    assert.equal((await doctor(user)).code, 0)
    const {code, stdout} = await user.clinvk(['plugins', 'uninstall', ...listed])
    assert.deepEqual({code, stdout}, {code: 0, stdout: 'Uninstalled loop-0.\nUninstalled loop-1.\n'})
  })

  it('that have commands fail alone, by name, with exit 2; ours stay ours', async () => {
    const commands = {
      ...loadable('breaks'),
      ...loadable('fails'),
      ...loadable('leaves'),
      ...loadable('sessions:list'),
      ...loadable('prompt'),
    }
    linkPlugin(user, 'commander', withCommands, {
      'oclif.manifest.json': manifest(commands),
      'commands/breaks.js': 'throw new Error("no luck")',
      'commands/fails.js':
        'export default class { static run() { throw new TypeError("no luck\\u001B[31m") } }',
      'commands/leaves.js': 'export default class { static run() { process.exit(7) } }',
      'commands/sessions/list.js': COMMAND,
      'commands/prompt.js': COMMAND,
    })
    for (const command of ['breaks', 'fails']) {
      const {code, stderr, stdout} = await ends(user.clinvk([command]), {
        stderr: RegExp(`^Error: The plugin commander failed in its command ${command}: no luck\\n`),
      })
      assert.deepEqual({code, stdout}, {code: 2, stdout: ''})
      assertTidy(stderr)
    }

    await ends(user.start(['leaves']).finished, {code: 7, stdout: '', stderr: ''})
    await ends(user.clinvk(['hello']), {code: 0, stdout: 'You said: hello\n', stderr: ''})
    assert.equal(json(await user.clinvk(['sessions', 'list', '--json'])).total, 1)
    const messages = wrong(await doctor(user), 'plugins').map(({message}) => message)
    assert.deepEqual(messages, [
      'The command prompt of commander is not used: clinvk has one of that name.',
      'The command sessions list of commander is not used: clinvk-plugin-sessions has one of that name.',
    ])
  })
})

describe('broken backends', () => {
  const user = new CliUser({CLINVK_BACKEND: 'odd'}).forEachTest()

  scenes(user, 'broken-backends')

  const CODE = `export default {
    plan: () => ({kind: 'invocation', args: [], stdin: ''}),
    reader: () => ({line: (text) => [{type: 'text', text}], end: () => ({outcome: 'success'})}),
  }`
  const AGENT = 'console.log("one"); console.log("two")'

  it('may replace one of ours: clinvk backends says so, and doctor', async () => {
    linkBackendPlugin(user, 'echo', CODE, {pack: 'louder', agent: AGENT})
    linkBackendPlugin(user, 'codex', CODE, {agent: AGENT})
    const {stdout} = await user.clinvk(['backends'])
    assert.match(stdout, /^echo: louder 1\.2\.3 is used instead of clinvk-backend-echo$/m)
    assert.match(
      stdout,
      /^codex: clinvk-backend-codex 1\.2\.3 is used instead of the one that came with clinvk$/m,
    )
    const {backends} = json(await user.clinvk(['backends', '--json'])) as {
      backends: {name: string; replaces?: string}[]
    }
    assert.deepEqual(each(backends, 'name', 'replaces'), [
      ['claude', undefined],
      ['codex', 'clinvk-backend-codex'],
      ['echo', 'clinvk-backend-echo'],
      ['gemini', undefined],
      ['opencode', undefined],
    ])
    assert.equal((await user.clinvk(['-b', 'echo', 'hello'])).stdout, 'onetwo\n')
    const messages = wrong(await doctor(user), 'plugins').map(({message}) => message)
    assert.equal(messages.length, 2, messages.join('\n'))
  })
})

/** Fit for people: no stacks, no words of Node or oclif, no control characters. */
function assertTidy(text: string): void {
  assert.doesNotMatch(text, /^ {4}at |\(node:\d+\)|module: @oclif|See more details|npm bugs/m)
  assert.doesNotMatch(text.replaceAll('\n', ''), /[\u0000-\u001F\u007F-\u009F]/)
}
