import {existsSync} from 'node:fs'
import {join, normalize} from 'node:path'
import type {Descriptor} from 'clinvk-contract'
import type {BackendPackage} from '../backend-package.js'
import {expectValid, SCHEMA} from '../bench.js'
import {type Check, fail, notApplicable, show} from '../check.js'
import type {Fixture} from '../fixtures.js'

/** A package before its code is loaded. */
export interface PackageBench {
  readonly pack: BackendPackage
  /** As written in package.json: it may have any type. */
  readonly written: unknown
  readonly name: string
  readonly descriptor: Descriptor
  readonly fixtures: readonly Fixture[]
}

/** The check that the others of this file rely on. */
export const DESCRIPTOR_CHECK: Check<PackageBench> = {
  id: 'descriptor-types',
  title: 'Each field of the descriptor is one that the contract knows, with a value of its type.',
  fix: 'Correct the field in package.json; a misspelt one has no effect. Texts for people are one line.',
  run({name, written}) {
    expectValid(SCHEMA.contribution, {contract: 1, backends: {[name]: written}}, 'the descriptor')
  },
}

/** `needsDescriptor`: it uses values of the descriptor, so they must be of the right types. */
type PackageCheck = Check<PackageBench> & {readonly needsDescriptor?: boolean}

export const PACKAGE_CHECKS: readonly PackageCheck[] = [
  {
    id: 'contract-version',
    title: 'The package says which contract it is made for, and clinvk can use its descriptor.',
    fix: 'Give package.json `"clinvk": {"contract": 1, "backends": {…}}`, as docs/plugins/contract.md says.',
    run({pack: {problems}}) {
      if (problems.length > 0) fail('a contribution that clinvk can use', problems.join(' '))
    },
  },
  DESCRIPTOR_CHECK,
  {
    id: 'descriptor-versions',
    needsDescriptor: true,
    title: 'It says which version of the agent was tested, and the first that works.',
    fix: 'Set `tested` to the version that the fixtures come from, and `supportedFrom` to it or to an older one.',
    run({descriptor: {executable, supportedFrom = '', tested = ''}}) {
      if (executable.startsWith('./')) return notApplicable('The agent is part of the package.')
      for (const [key, version] of Object.entries({tested, supportedFrom}))
        if (!/^\d+(?:\.\d+)+$/.test(version)) fail(`a version such as 1.2.3 as \`${key}\``, show(version))
      if (compareVersions(supportedFrom, tested) > 0)
        fail('`supportedFrom` no later than `tested`', `${supportedFrom} is later than ${tested}`)
      return undefined
    },
  },
  {
    id: 'capabilities-possible',
    needsDescriptor: true,
    title: 'The capabilities promise only what clinvk asks for, and what they depend on.',
    fix: 'Remove it. `default` needs no promise, `always` is refused for every agent, and `usageWhileRunning` needs the list of usage fields.',
    run({descriptor: {capabilities}}) {
      const {approval = [], sandbox = [], usage = [], usageWhileRunning} = capabilities
      const never = [...approval, ...sandbox].find((mode) => mode === 'default' || mode === 'always')
      if (never !== undefined) fail('modes that a user can ask of this agent', never)
      if (usageWhileRunning && usage.length === 0) fail('usage fields beside `usageWhileRunning`', usage)
    },
  },
  {
    id: 'own-directories',
    needsDescriptor: true,
    title: "The directories that it declares are the agent's own, not a whole home.",
    fix: 'Name the directory in which the agent keeps its files: `~/.agent`, `$AGENT_HOME`, `/tmp/agent-$UID`.',
    run({descriptor: {directories = [], signInFiles = []}}) {
      for (const path of [...directories, ...signInFiles]) {
        if (!/^(?:~\/|\/|\$[A-Z])/.test(path) || path.split('/').includes('..'))
          fail('a path that begins with `~/`, `/` or `$NAME`, without `..`', path)
        if (SHARED.has(normalize(path).replace(/\/+$/, '')))
          fail('a directory that belongs to the agent alone', path)
      }
    },
  },
  {
    id: 'package-name',
    title: 'The package is found: its name begins with clinvk-backend-, and oclif takes it for a plugin.',
    fix: 'Call the package `clinvk-backend-<name>` and give its package.json `"oclif": {}`.',
    run({pack: {pjson}}) {
      if (!/^(?:@[^/]+\/)?clinvk-backend-/.test(pjson.name))
        fail('a name that begins with clinvk-backend-', pjson.name)
      if (typeof pjson.oclif !== 'object') fail('the key `oclif`', show(pjson.oclif))
    },
  },
  {
    id: 'package-whole',
    needsDescriptor: true,
    title: 'The files that the descriptor names exist and are published, and so are the fixtures.',
    fix: 'Build the package, and name the folder under `files` of package.json.',
    run({descriptor: {executable, module}, fixtures, pack: {pjson, root}}) {
      const named = [module, executable].filter((path) => path?.startsWith('./')) as string[]
      for (const path of named)
        if (!existsSync(join(root, path))) fail(`${path} in the package`, 'no such file')
      if (!Array.isArray(pjson.files)) return
      const files = pjson.files.map((entry) => normalize(String(entry)).replace(/\/(?:\*.*)?$/, ''))
      const needed = [...named, ...(fixtures.length > 0 ? ['fixtures'] : [])].map((path) => normalize(path))
      for (const path of needed)
        if (!files.some((entry) => ['.', '*', '**', path].includes(entry) || path.startsWith(`${entry}/`)))
          fail(`${path} under \`files\``, pjson.files)
    },
  },
  {
    id: 'no-dependency-on-clinvk',
    title: 'Installing it installs no second clinvk.',
    fix: 'Move it to `devDependencies`: a backend needs only the types of clinvk.',
    run({pack: {pjson}}) {
      for (const key of ['dependencies', 'optionalDependencies', 'peerDependencies']) {
        const found = Object.keys(pjson[key] ?? {}).find((name) => OF_CLINVK.test(name))
        if (found !== undefined) fail(`no package of clinvk or oclif under \`${key}\``, found)
      }
    },
  },
  {
    id: 'fixtures-enough',
    needsDescriptor: true,
    title: 'It has fixtures of an answer and of an error, and of a resumed turn where the agent resumes.',
    fix: 'Record them as docs/plugins/conformance.md says, and put them into `fixtures/`.',
    run({descriptor: {capabilities}, fixtures}) {
      const names = fixtures.map(({name}) => name).join(', ') || 'none'
      const needs = (what: string, matches: (fixture: Fixture) => boolean) =>
        fixtures.some((fixture) => matches(fixture)) || fail(`a fixture of ${what}`, `there are: ${names}`)
      needs('an answer (`"outcome": "success"`)', ({expect}) => expect.outcome === 'success')
      needs('an error', ({expect}) => expect.outcome !== 'success')
      if (capabilities.resume) needs('a resumed turn', ({turn}) => turn.session?.kind === 'resume')
    },
  },
]

/** Packages that must not be loaded twice. The backend SDK is not one of them: it depends on nothing. */
export const OF_CLINVK = /^(?:clinvk(?:-(?:kit|contract|conformance|plugin-[^/]*))?|@oclif\/[^/]+)(?:\/|$)/

function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split('.').map(Number)) as [number[], number[]]
  const index = left.findIndex((part, at) => part !== (right[at] ?? 0))
  return index === -1 ? 0 : left[index]! - (right[index] ?? 0)
}

const SHARED: ReadonlySet<string> = new Set([
  '', '~', '$HOME', '/tmp', '$TMPDIR', '/home', '/root', '~/.config', '$XDG_CONFIG_HOME',
]) // prettier-ignore
