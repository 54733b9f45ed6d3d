import assert from 'node:assert/strict'
import {loadedModules, type Loaded} from '../../support/loaded-modules.js'
import {Sandbox} from '../../support/sandbox.js'

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
    expectLoaded('clinvk --version', loaded, {
      files: BUNDLE,
      own: [...START, 'src/commands/version.ts'],
      packages: OCLIF,
    })
  })

  it('what makes help besides, for --help', async () => {
    const loaded = await loadedModules(user, ['--help'])
    expectLoaded('clinvk --help', loaded, {
      files: [...BUNDLE, 'dist/bundle/of-oclif.cjs'],
      own: [...START, 'src/help.ts'],
      packages: [...OCLIF, ...HELP],
    })
  })

  it('the store and the table besides, for sessions list', async () => {
    const loaded = await loadedModules(user, ['sessions', 'list'])
    expectLoaded('clinvk sessions list', loaded, {files: BUNDLE, own: [...START, ...LIST], packages: OCLIF})
  })

  it('what answers a shell besides, for a completion', async () => {
    const loaded = await loadedModules(user, ['__complete', '--', 'sess'])
    expectLoaded('clinvk __complete -- sess', loaded, {
      files: BUNDLE,
      own: [...START, ...COMPLETE],
      packages: OCLIF,
    })
  })

  it('the store besides, for a completion of sessions, and no command, no backend', async () => {
    const loaded = await loadedModules(user, ['__complete', '--', 'resume', ''])
    expectLoaded('clinvk __complete -- resume ""', loaded, {
      files: BUNDLE,
      own: [
        ...START,
        ...COMPLETE,
        ...STORE,
        'src/completion/ask-plugins.ts',
        ...of('plugins/kit/src', ['hear', 'message-of']),
        ...of('plugins/sessions/src', ['complete/sessions', 'hooks/complete']),
      ],
      packages: OCLIF,
    })
  })

  it('the one backend that answers besides, for a prompt without a settings file', async () => {
    const {files, own, packages} = await loadedModules(user, ['-b', 'echo', 'x'])
    const doubtful = own.filter((file) => UNUSED_BY_A_PROMPT.test(file))
    expectLoaded(
      'clinvk -b echo x',
      {files, own: doubtful, packages},
      {
        files: [...BUNDLE, 'plugins/backend-echo/dist/index.js'],
        own: [],
        packages: OCLIF,
      },
    )
  })
})

/** Says by name what is loaded and not expected, or expected and not loaded. */
function expectLoaded(command: string, loaded: Loaded, expected: Loaded): void {
  const problems = (['files', 'own', 'packages'] as const).flatMap((kind) => [
    ...loaded[kind]
      .filter((name) => !expected[kind].includes(name))
      .map((name) => `${command} now loads ${name}: import it on use, or put it on the list.`),
    ...expected[kind]
      .filter((name) => !loaded[kind].includes(name))
      .map((name) => `${command} no longer loads ${name}: take it off the list.`),
  ])
  if (problems.length > 0) assert.fail(problems.join('\n'))
}

function of(folder: string, names: readonly string[]): string[] {
  return names.map((name) => `${folder}/${name}.ts`)
}

/** Other backends, other commands, and what makes sense of a settings file. */
const UNUSED_BY_A_PROMPT =
  /^plugins\/backend-(?!echo\/)|\/commands\/(?!prompt\.ts)|\/settings\/(?!files|generated|load|settings\.)/

/** What of what ships every command reads. */
const BUNDLE = ['bin/run.js', ...['start', 'main'].map((name) => `dist/bundle/${name}.cjs`)]

/** What of ours every command loads. */
const START = [
  'build/debug.cjs',
  'build/fs-promises.cjs',
  'build/oclif.cjs',
  'build/wsl-utils.cjs',
  ...of('src', [
    'main',
    'nearest-command',
    'output/error-text',
    'output/failure-result',
    'output/paint',
    'output/standard-streams',
    'output/wanted-format',
    'report-error',
    'route',
    'start/command-details',
    'start/core-plugins',
    'start/declared-plugins',
    'start/load-config',
    'start/source-lines',
    'start/watch-end',
    'usage-failure',
  ]),
  ...of('plugins/kit/src', ['failure', 'nearest', 'outcome']),
]

/** What of ours answers a shell that asks for commands. */
const COMPLETE = [
  ...of('src/completion', [
    'answer',
    'command-candidates',
    'complete',
    'describe',
    'flag-candidates',
    'read-line',
    'value-kind',
    'values',
  ]),
  'plugins/kit/src/format/one-line.ts',
]

/** What of ours finds sessions and tells about them. */
const STORE = [
  ...of('plugins/sessions/src', ['session-file', 'short-id', 'status', 'store', 'title']),
  ...of('plugins/sessions/src/store', [
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
  ...of('plugins/kit/src', ['format/relative-time', 'process/identity', 'random-id', 'settings/files']),
]

/** What of ours shows a list of sessions. */
const LIST = [
  ...STORE,
  ...of('plugins/sessions/src', ['commands/sessions/list', 'session-json', 'session-table', 'age']),
  ...of('plugins/kit/src', [
    'current-directory',
    'format/number',
    'format/one-line',
    'format/table',
    'format/width',
    'settings/files',
    'settings/generated',
    'settings/load',
    'settings/settings',
  ]),
]

/** Of others every command loads oclif, and nothing else. */
const OCLIF = ['@oclif/core']

/** What oclif writes help with. */
const HELP = [
  'ansi-regex',
  'ansi-styles',
  'ansis',
  'ejs',
  'emoji-regex',
  'has-flag',
  'indent-string',
  'is-fullwidth-code-point',
  'string-width',
  'strip-ansi',
  'supports-color',
  'widest-line',
  'wrap-ansi',
]
