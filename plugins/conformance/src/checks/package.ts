import {existsSync} from 'node:fs'
import {join, normalize} from 'node:path'
import type {Descriptor} from 'clinvk-contract'
import type {BackendPackage} from '../backend-package.js'
import {type Check, expectThat, notApplicable, show} from '../check.js'
import {flawOfDescriptor} from '../descriptor.js'
import type {Fixture} from '../fixtures.js'

/** What the package says of itself, before its code is loaded. */
export interface PackageBench {
  readonly pack: BackendPackage
  readonly name: string
  /** As it stands in package.json; nothing about it is certain. */
  readonly descriptor: Descriptor
  readonly fixtures: readonly Fixture[]
}

/** Checks that go by the values of the descriptor, whose types another one looks at. */
export const BY_DESCRIPTOR: ReadonlySet<string> = new Set([
  'descriptor-versions',
  'capabilities-possible',
  'own-directories',
  'package-whole',
  'fixtures-enough',
])

export const PACKAGE_CHECKS: readonly Check<PackageBench>[] = [
  {
    id: 'contract-version',
    title: 'The package says which contract it is made for, and clinvk can use what it says.',
    fix: 'Give package.json `"clinvk": {"contract": 1, "backends": {…}}`, as docs/plugins/contract.md says.',
    run({pack: {problems}}) {
      expectThat(problems.length === 0, 'a contribution that clinvk takes', problems.join(' '))
    },
  },
  {
    id: 'descriptor-types',
    title: 'Each field of the descriptor is one that the contract knows, with a value of its type.',
    fix: 'Correct the field in package.json; a misspelt one has no effect.',
    async run({descriptor}) {
      const flaw = await flawOfDescriptor(descriptor)
      expectThat(flaw === undefined, 'the fields of `Descriptor`', flaw ?? '')
    },
  },
  {
    id: 'descriptor-words',
    title: 'Title, program and the way to get the agent are told in words for people.',
    fix: 'Write one line each; `install` is a command or a sentence that gets the agent.',
    run({descriptor}) {
      for (const key of ['title', 'executable', 'install', 'signIn'] as const) {
        const text = descriptor[key]
        if (text === undefined && key === 'signIn') continue
        const isLine = typeof text === 'string' && text.trim() !== '' && !text.includes('\n')
        expectThat(isLine, `one line of text as \`${key}\``, show(text))
      }
    },
  },
  {
    id: 'descriptor-versions',
    title: 'It says which version of the agent was tested, and from which on it works.',
    fix: 'Set `tested` to the version that the fixtures come from, and `supportedFrom` to it or to an older one.',
    run({descriptor: {executable, supportedFrom, tested}}) {
      if (executable.startsWith('./')) return notApplicable('The agent is part of the package.')
      for (const [key, version] of Object.entries({tested, supportedFrom}))
        expectThat(
          /^\d+(?:\.\d+)+$/.test(version ?? ''),
          `a version such as 1.2.3 as \`${key}\``,
          show(version),
        )
      const inOrder = compareVersions(supportedFrom!, tested!) <= 0
      expectThat(
        inOrder,
        '`supportedFrom` no later than `tested`',
        `${supportedFrom} is later than ${tested}`,
      )
      return undefined
    },
  },
  {
    id: 'capabilities-possible',
    title: 'The capabilities promise nothing that clinvk never asks for, and nothing that needs another one.',
    fix: 'Leave it out. `default` needs no promise, `always` is refused for every agent, and a usage that comes while the agent runs needs the list of its fields.',
    run({descriptor: {capabilities}}) {
      const {approval = [], sandbox = [], usage = [], usageWhileRunning} = capabilities
      const never = [...approval, ...sandbox].find((mode) => mode === 'default' || mode === 'always')
      expectThat(never === undefined, 'modes that a user can ask of this agent', show(never))
      expectThat(
        !usageWhileRunning || usage.length > 0,
        'usage fields beside `usageWhileRunning`',
        show(usage),
      )
    },
  },
  {
    id: 'own-directories',
    title: "The directories that it declares are the agent's own, not a whole home.",
    fix: 'Name the directory in which the agent keeps its files: `~/.agent`, `$AGENT_HOME`, `/tmp/agent-$UID`.',
    run({descriptor: {directories = [], signInFiles = []}}) {
      for (const path of [...directories, ...signInFiles]) {
        const isPlaced = /^(?:~\/|\/|\$[A-Z])/.test(path) && !path.split('/').includes('..')
        expectThat(isPlaced, 'a path that begins with `~/`, `/` or `$NAME`, without `..`', show(path))
        const isShared = SHARED.has(normalize(path).replace(/\/+$/, ''))
        expectThat(!isShared, 'a directory that belongs to the agent alone', show(path))
      }
    },
  },
  {
    id: 'package-name',
    title: 'The package is found: its name begins with clinvk-backend-, and oclif takes it for a plugin.',
    fix: 'Call the package `clinvk-backend-<name>` and give its package.json `"oclif": {}`.',
    run({pack: {pjson}}) {
      const bare = pjson.name.replace(/^@[^/]+\//, '')
      expectThat(
        bare.startsWith('clinvk-backend-'),
        'a name that begins with clinvk-backend-',
        show(pjson.name),
      )
      expectThat(typeof pjson.oclif === 'object', 'the key `oclif`', show(pjson.oclif))
    },
  },
  {
    id: 'package-whole',
    title: 'What the descriptor names is there and is shipped, and so are the fixtures.',
    fix: 'Build the package, and name the folder under `files` of package.json.',
    run({descriptor: {executable, module}, fixtures, pack: {pjson, root}}) {
      const named = [module, executable].filter((path) => path?.startsWith('./') === true) as string[]
      for (const path of named)
        expectThat(existsSync(join(root, path)), `${path} in the package`, 'there is no such file')
      const {files} = pjson
      if (!Array.isArray(files)) return
      const shipped = files.map((entry) => normalize(String(entry)).replace(/\/(?:\*.*)?$/, ''))
      for (const path of [...named, ...(fixtures.length > 0 ? ['fixtures'] : [])].map((one) =>
        normalize(one),
      )) {
        const isShipped = shipped.some(
          (entry) => ['.', '*', '**', path].includes(entry) || path.startsWith(`${entry}/`),
        )
        expectThat(isShipped, `${path} under \`files\``, show(files))
      }
    },
  },
  {
    id: 'no-dependency-on-clinvk',
    title: 'Installing it installs no second clinvk.',
    fix: 'Move it to `devDependencies`: a backend needs the types of clinvk alone.',
    run({pack: {pjson}}) {
      for (const key of ['dependencies', 'optionalDependencies', 'peerDependencies']) {
        const found = Object.keys(pjson[key] ?? {}).find((name) => isOfClinvk(name))
        expectThat(found === undefined, `no package of clinvk or oclif under \`${key}\``, show(found))
      }
    },
  },
  {
    id: 'fixtures-enough',
    title:
      'It brings transcripts of an answer and of an error, and of a resumed turn where the agent resumes.',
    fix: 'Record them as docs/plugins/conformance.md says, and put them into `fixtures/`.',
    run({descriptor: {capabilities}, fixtures}) {
      const names = fixtures.map(({name}) => name).join(', ') || 'none'
      const has = (holds: (fixture: Fixture) => boolean, what: string) =>
        expectThat(
          fixtures.some((fixture) => holds(fixture)),
          `a fixture of ${what}`,
          `there are: ${names}`,
        )
      has(({expect}) => expect.outcome === 'success', 'an answer (`"outcome": "success"`)')
      has(({expect}) => expect.outcome !== 'success', 'an error')
      if (capabilities.resume) has(({turn}) => turn.session?.kind === 'resume', 'a resumed turn')
    },
  },
]

export function isOfClinvk(name: string): boolean {
  return /^(?:clinvk(?:-kit|-plugin-[^/]*)?|@oclif\/[^/]+)(?:\/|$)/.test(name)
}

function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split('.').map(Number)) as [number[], number[]]
  const index = left.findIndex((part, at) => part !== (right[at] ?? 0))
  return index === -1 ? 0 : left[index]! - (right[index] ?? 0)
}

const SHARED: ReadonlySet<string> = new Set([
  '',
  '~',
  '$HOME',
  '/tmp',
  '$TMPDIR',
  '/home',
  '/root',
  '~/.config',
  '$XDG_CONFIG_HOME',
])
