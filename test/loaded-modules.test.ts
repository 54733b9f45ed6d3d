import assert from 'node:assert/strict'
import {loadedModules, type Loaded} from './support/loaded-modules.js'
import {Sandbox} from './support/sandbox.js'

/** Each module costs every start a part of a millisecond, some packages many: what is loaded is loaded on purpose. */
describe('starting loads', () => {
  let user: Sandbox
  before(async () => {
    user = new Sandbox()
    for (const prompt of ['fix the bug', 'now the tests']) {
      const {code, stderr} = await user.clinvk(['-b', 'echo', prompt])
      assert.equal(code, 0, stderr)
    }
  })
  after(() => user.remove())

  it('oclif and what knows commands from prompts, for --version', async () => {
    const loaded = await loadedModules(user, ['--version'])
    expectLoaded('clinvk --version', loaded, [...OCLIF, ...START, 'dist/commands/version.js'])
  })

  it('the store and the table besides, for sessions list', async () => {
    const loaded = await loadedModules(user, ['sessions', 'list'])
    expectLoaded('clinvk sessions list', loaded, [...OCLIF, ...START, ...LIST])
  })

  it('what answers a shell besides, for a completion', async () => {
    const loaded = await loadedModules(user, ['__complete', '--', 'sess'])
    expectLoaded('clinvk __complete -- sess', loaded, [...OCLIF, ...START, ...COMPLETE])
  })

  it('the store besides, for a completion of sessions, and no command, no backend', async () => {
    const loaded = await loadedModules(user, ['__complete', '--', 'resume', ''])
    expectLoaded('clinvk __complete -- resume ""', loaded, [
      ...OCLIF,
      ...START,
      ...COMPLETE,
      ...STORE,
      'dist/completion/ask-plugins.js',
      ...of('plugins/kit/dist', ['hear', 'message-of']),
      ...of('plugins/sessions/dist', ['complete-session', 'hooks/complete']),
    ])
  })

  it('execa and the one backend that answers besides, for a prompt without a settings file', async () => {
    const {own, packages} = await loadedModules(user, ['-b', 'echo', 'x'])
    const doubtful = own.filter((file) => UNUSED_BY_A_PROMPT.test(file))
    expectLoaded('clinvk -b echo x', {own: doubtful, packages}, [...OCLIF, ...EXECA])
    assert.ok(own.includes('plugins/backend-echo/dist/index.js'), own.join('\n'))
  })
})

/** Says by name what is loaded and not expected, or expected and not loaded. */
function expectLoaded(command: string, {own, packages}: Loaded, expected: readonly string[]): void {
  const loaded = [...packages, ...own]
  const surplus = loaded.filter((name) => !expected.includes(name))
  const gone = expected.filter((name) => !loaded.includes(name))
  const problems = [
    ...surplus.map((name) => `${command} now loads ${name}: import it on use, or put it on the list.`),
    ...gone.map((name) => `${command} no longer loads ${name}: take it off the list.`),
  ]
  if (problems.length > 0) assert.fail(problems.join('\n'))
}

function of(folder: string, names: readonly string[]): string[] {
  return names.map((name) => `${folder}/${name}.js`)
}

/** Other backends, other commands, and what makes sense of a settings file. */
const UNUSED_BY_A_PROMPT =
  /^plugins\/backend-(?!echo\/)|\/commands\/(?!prompt\.js)|\/settings\/(?!home|load|plain-variables|project-file|read-file|settings)/

/** What of ours every command loads. */
const START = [
  'bin/run.js',
  ...of('dist', [
    'main',
    'nearest-command',
    'output/error-text',
    'output/failure-result',
    'output/paint',
    'output/standard-streams',
    'output/wanted-format',
    'report-error',
    'route',
    'start/load-config',
    'start/watch-end',
    'usage-failure',
  ]),
  ...of('plugins/kit/dist', ['failure', 'nearest', 'outcome']),
]

/** What of ours answers a shell that asks for commands. */
const COMPLETE = [
  ...of('dist/completion', [
    'answer',
    'command-candidates',
    'complete',
    'describe',
    'flag-candidates',
    'read-line',
    'value-kind',
    'values',
  ]),
  'plugins/kit/dist/format/one-line.js',
]

/** What of ours finds sessions and tells about them. */
const STORE = [
  ...of('plugins/sessions/dist', ['session-file', 'short-id', 'status', 'store', 'title']),
  ...of('plugins/sessions/dist/store', [
    'index-entry',
    'journal',
    'journal-line',
    'journal-search',
    'journal-text',
    'lock',
    'make-directory',
    'session-files',
    'session-index',
  ]),
  ...of('plugins/kit/dist', ['format/relative-time', 'process/identity', 'settings/home']),
]

/** What of ours shows a list of sessions. */
const LIST = [
  ...STORE,
  ...of('plugins/sessions/dist', ['commands/sessions/list', 'session-json', 'session-table', 'age']),
  ...of('plugins/kit/dist', [
    'current-directory',
    'format/number',
    'format/one-line',
    'format/table',
    'format/width',
    'settings/load',
    'settings/plain-variables',
    'settings/project-file',
    'settings/read-file',
    'settings/settings',
  ]),
]

/** @oclif/core and what it loads at every start. */
const OCLIF = [
  '@oclif/core',
  'ansi-escapes',
  'ansi-regex',
  'ansi-styles',
  'ansis',
  'balanced-match',
  'brace-expansion',
  'clean-stack',
  'cli-spinners',
  'debug',
  'ejs',
  'emoji-regex',
  'escape-string-regexp',
  'fdir',
  'get-package-type',
  'has-flag',
  'indent-string',
  'is-docker',
  'is-fullwidth-code-point',
  'is-inside-container',
  'is-wsl',
  'lilconfig',
  'minimatch',
  'ms',
  'picomatch',
  'powershell-utils',
  'semver',
  'string-width',
  'strip-ansi',
  'supports-color',
  'tinyglobby',
  'widest-line',
  'wordwrap',
  'wrap-ansi',
  'wsl-utils',
]

/** execa and what it loads: to start the agent. */
const EXECA = [
  '@sec-ant/readable-stream',
  '@sindresorhus/merge-streams',
  'cross-spawn',
  'execa',
  'figures',
  'get-stream',
  'human-signals',
  'is-plain-obj',
  'is-stream',
  'is-unicode-supported',
  'isexe',
  'npm-run-path',
  'parse-ms',
  'path-key',
  'pretty-ms',
  'shebang-command',
  'shebang-regex',
  'signal-exit',
  'strip-final-newline',
  'unicorn-magic',
  'which',
  'yoctocolors',
]
