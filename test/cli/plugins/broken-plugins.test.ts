import assert from 'node:assert/strict'
import {mkdirSync, rmSync} from 'node:fs'
import {join} from 'node:path'
import {CliUser} from '../../support/cli-user.js'
import {linkBackendPlugin, linkPlugin, writeList} from '../../support/link-plugin.js'
import {doctor, wrong} from '../../support/doctor.js'
import {each, ends, json, jsonLines} from '../../support/sandbox.js'

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

  it('are waited for only a while when they never finish importing', async () => {
    linkPlugin(
      user,
      'endless',
      {oclif: {commands: './commands'}},
      {'commands/endless.js': 'await new Promise(() => undefined)'},
    )
    const {code, stdout} = await ends(user.clinvk(['hello']), {
      stderr:
        /^Note: The plugin endless does not load from .*: it did not finish within 5 s\. More: clinvk doctor\n$/,
    })
    assert.deepEqual({code, stdout}, {code: 0, stdout: 'You said: hello\n'})
  })

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

  it('that were installed hurt no more than linked ones; a package of packages brings what is sound', async () => {
    const at = '.local/share/clinvk'
    const put = (name: string, pjson: object, files: Record<string, string> = {}) => {
      const good = {name, version: '1.2.3', type: 'module', oclif: {}}
      user.write(`${at}/node_modules/${name}/package.json`, JSON.stringify({...good, ...pjson}))
      for (const [file, text] of Object.entries(files)) user.write(`${at}/node_modules/${name}/${file}`, text)
    }

    const dependencies = {'clinvk-backend-kid': '1', 'clinvk-backend-lost': '1', other: '1'}
    put('team', {oclif: {plugins: ['clinvk-backend-*']}, dependencies})
    const descriptor = {module: './x.js', title: 'Kid', executable: 'kid', install: 'x', capabilities: {}}
    put('clinvk-backend-kid', {clinvk: {contract: 1, backends: {kid: descriptor}}})
    writeList(user, {
      oclif: {plugins: ['team', 'absent'].map((name) => ({name, type: 'user', tag: 'latest'}))},
    })
    const {backends, problems} = json(await user.clinvk(['backends', '--json'])) as {
      backends: {name: string}[]
      problems: string[]
    }
    assert.deepEqual(each(backends, 'name'), ['claude', 'codex', 'echo', 'gemini', 'kid', 'opencode'])
    assert.deepEqual(problems, [
      'The plugin clinvk-backend-lost does not load: it is not installed.',
      'The plugin absent does not load: it is not installed.',
    ])
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

  for (const [what, list] of [
    ['no JSON', '{"oclif": '],
    ['no list', '{"oclif": {"plugins": {}}}'],
    ['strange entries', '{"oclif": {"plugins": [null, 5, {"name": "x"}, {"name": "x", "type": "link"}]}}'],
  ] as const) {
    it(`do no harm where the list of them is damaged: ${what}`, async () => {
      writeList(user, list)
      const {code, stdout} = await ends(user.clinvk(['hello']), {
        stderr: /^Note: The list of your plugins is damaged: .*package\.json: .* More: clinvk doctor\n$/,
      })
      assert.deepEqual({code, stdout}, {code: 0, stdout: 'You said: hello\n'})
    })
  }

  it('do no harm where the list of them is a directory, or null', async () => {
    writeList(user, 'null')
    await ends(user.clinvk(['hello']), {code: 0, stdout: 'You said: hello\n', stderr: ''})
    const list = join(user.home, '.local/share/clinvk/package.json')
    rmSync(list)
    mkdirSync(list)
    assert.match((await user.clinvk(['hello'])).stderr, /The list of your plugins is damaged/)
  })

  for (const [what, code, says] of [
    ['exports nothing', 'export const guard = 1', /its module exports no function/],
    ['answers nonsense', 'export default () => "no"', /its answer is invalid/],
    ['refuses without a word', 'export default () => ({refuse: true})', /its answer is invalid/],
  ] as const) {
    it(`let nothing pass when a guard ${what}`, async () => {
      linkPlugin(user, 'guard', {oclif: {hooks: {'turn:guard': './guard.js'}}}, {'guard.js': code})
      const {code: exit, stderr} = await user.clinvk(['hello'])
      assert.match(stderr, /^Error: guard failed on turn:guard, so the turn does not run: /)
      assert.match(stderr, says)
      assert.deepEqual({exit, sessions: user.sessions().length}, {exit: 10, sessions: 0})
    })
  }
})

describe('broken backends', () => {
  const user = new CliUser({CLINVK_BACKEND: 'odd'}).forEachTest()

  const PLAN = 'plan: () => ({kind: "invocation", args: [], stdin: ""})'
  const READER = 'reader: () => ({line: (text) => [{type: "text", text}], end: () => ({outcome: "success"})})'
  const AGENT = 'console.log("one"); console.log("two")'

  for (const [what, code, says] of [
    [
      'throws in its plan',
      `export default {plan() { throw new Error("no luck") }, ${READER}}`,
      /The backend odd failed in `plan`: no luck/,
    ],
    [
      'plans a promise',
      `export default {async plan() {}, ${READER}}`,
      /The backend odd failed in `plan`: `kind` must be invocation or refusal/,
    ],
    [
      'gives no reader',
      `export default {${PLAN}, reader() {}}`,
      /The backend odd failed in `reader`: it must be an object/,
    ],
    [
      'has a part that is no function',
      `export default {${PLAN}, ${READER}, settle: 5}`,
      /The backend odd failed in `settle`: it must be a function/,
    ],
  ] as const) {
    it(`end a turn with exit 2 and leave no session: one that ${what}`, async () => {
      linkBackendPlugin(user, 'odd', code, {agent: AGENT})
      const finished = await user.clinvk(['--json', 'hello'])
      const {error, outcome} = json(finished) as {outcome: string; error: {hints: string[]; message: string}}
      assert.match(error.message, says)
      assert.match(
        error.hints.join('\n'),
        /It comes from clinvk-backend-odd, linked from \S+: build or repair it there\./,
      )
      assert.deepEqual({code: finished.code, outcome}, {code: 2, outcome: 'unavailable'})
      assert.deepEqual(user.sessions(), [])
      assertTidy(finished.stderr)
    })
  }

  it('lose no line when their reader fails: it is kept, and said once', async () => {
    const reader =
      'reader: () => ({line() { throw new Error("no luck") }, end: () => ({outcome: "success"})})'
    linkBackendPlugin(user, 'odd', `export default {${PLAN}, ${reader}}`, {agent: AGENT})
    const finished = await user.clinvk(['-o', 'stream-json', 'hello'])
    const events = jsonLines(finished).map(({line, message, outcome, type}) => ({
      type,
      ...(line ? {line} : {}),
      ...(message ? {message} : {}),
      ...(outcome ? {outcome} : {}),
    }))
    assert.deepEqual(events, [
      {type: 'notice', message: 'The backend odd failed on a line of its agent: no luck'},
      {type: 'unparsed', line: 'one'},
      {type: 'unparsed', line: 'two'},
      {type: 'done', outcome: 'success'},
    ])
  })

  it('fail the turn, not clinvk, when they cannot say how it went', async () => {
    const reader = 'reader: () => ({line: (text) => [{type: "text", text}], end: () => ({outcome: "fine"})})'
    linkBackendPlugin(user, 'odd', `export default {${PLAN}, ${reader}}`, {agent: AGENT})
    const finished = await user.clinvk(['--json', 'hello'])
    const {
      content,
      error,
      exit_code: code,
    } = json(finished) as {content: string; exit_code: number; error: {message: string}}
    assert.deepEqual({code, content}, {code: 1, content: 'onetwo'})
    assert.equal(
      error.message,
      'The backend odd does not say how the turn went. It comes from clinvk-backend-odd.',
    )
    assert.equal(user.sessions()[0]?.last_outcome, 'failed')
  })

  it('do not write nonsense into the session: usage, and what settle gives', async () => {
    const reader =
      'reader: () => ({line: () => [{type: "usage", usage: {input_tokens: NaN}}], end: () => ({outcome: "success", usage: {output_tokens: -1}, model: 5})})'
    linkBackendPlugin(user, 'odd', `export default {${PLAN}, ${reader}, async settle() { return "well" }}`, {
      agent: AGENT,
    })
    const finished = await user.clinvk(['--json', 'hello'])
    const {outcome, usage} = json(finished) as {outcome: string; usage?: object}
    assert.deepEqual({outcome, usage}, {outcome: 'success', usage: undefined})
    assert.match(finished.stderr, /The backend odd gave an invalid model, usage, which is left out\./)
    assert.match(finished.stderr, /failed in `settle`: it gives no verdict/)
    const [session] = user.sessions()
    assert.deepEqual(session?.token_usage ?? {}, {})
    assertTidy(finished.stderr)
  })

  it('leave the session alone when they cannot forget what their agent keeps', async () => {
    const reader =
      'reader: () => ({line: () => [{type: "session", backend_session_id: "b"}], end: () => ({outcome: "success"})})'
    linkBackendPlugin(
      user,
      'odd',
      `export default {${PLAN}, ${reader}, forget() { return {removed: "all"} }}`,
      {
        agent: AGENT,
      },
    )
    assert.equal((await user.clinvk(['hello'])).code, 0)
    const {code, stderr} = await user.clinvk(['sessions', 'delete', '@last', '--agent'])
    assert.match(stderr, /The backend odd failed in `forget`: `removed` must be a list/)
    assertTidy(stderr)
    assert.deepEqual({code, sessions: user.sessions().length}, {code: 2, sessions: 1})
  })

  it('may replace one of ours: clinvk backends says so, and doctor', async () => {
    linkBackendPlugin(user, 'echo', `export default {${PLAN}, ${READER}}`, {pack: 'louder', agent: AGENT})
    linkBackendPlugin(user, 'codex', `export default {${PLAN}, ${READER}}`, {agent: AGENT})
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
