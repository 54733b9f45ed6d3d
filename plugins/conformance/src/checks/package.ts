import {existsSync} from 'node:fs'
import {join, normalize} from 'node:path'
import type {Bench} from '../bench.js'
import {type Check, fail, show} from '../check.js'
import type {Fixture} from '../fixtures.js'

/** The package, before its code is loaded. */
export const PACKAGE_CHECKS: readonly Check<Bench>[] = [
  {
    id: 'descriptor-valid',
    needs: 'nothing',
    title:
      'Each field of the descriptor is one that the contract knows, with a value of its type, and clinvk can use it.',
    fix: 'Give package.json `"clinvk": {"contract": 1, "backends": {…}}`, as docs/plugins/contract.md says. A misspelt field has no effect; texts for people are one line.',
    run(bench) {
      const issue = bench.descriptorIssue()
      if (issue !== undefined) fail('the descriptor as the contract says', `${issue}: ${show(bench.written)}`)
      if (bench.pack.problems.length > 0) fail('a package that clinvk can use', bench.pack.problems.join(' '))
    },
  },
  {
    id: 'descriptor-sensible',
    title:
      "It says which versions of the agent work, promises only what clinvk asks for, and declares only the agent's own directories.",
    fix: 'Set `tested` to the version that the fixtures come from, and `supportedFrom` to it or to an older one. Remove modes that need no promise (`default`) or are always refused (`always`). Name the directory in which the agent keeps its files: `~/.agent`, `$AGENT_HOME`, `/tmp/agent-$UID`.',
    run({descriptor: {capabilities, directories = [], executable, signInFiles = [], ...versions}}) {
      const {supportedFrom = '', tested = ''} = versions
      // An agent that is part of the package has no version of its own.
      for (const [key, version] of executable.startsWith('./') ? [] : Object.entries({tested, supportedFrom}))
        if (!/^\d+(?:\.\d+)+$/.test(version)) fail(`a version such as 1.2.3 as \`${key}\``, show(version))
      if (supportedFrom.localeCompare(tested, 'en', {numeric: true}) > 0)
        fail('`supportedFrom` no later than `tested`', `${supportedFrom} is later than ${tested}`)
      const {approval = [], sandbox = [], usage = [], usageWhileRunning} = capabilities
      const never = [...approval, ...sandbox].find((mode) => mode === 'default' || mode === 'always')
      if (never !== undefined) fail('modes that a user can ask of this agent', never)
      if (usageWhileRunning && usage.length === 0) fail('usage fields beside `usageWhileRunning`', usage)
      for (const path of [...directories, ...signInFiles]) {
        if (!/^(?:~\/|\/|\$[A-Z])/.test(path) || path.split('/').includes('..'))
          fail('a path that begins with `~/`, `/` or `$NAME`, without `..`', path)
        if (SHARED.has(normalize(path).replace(/\/+$/, '')))
          fail('a directory that belongs to the agent alone', path)
      }
    },
  },
  {
    id: 'package-complete',
    title:
      'The package is found by its name, has and publishes the files that it needs, and installs no second clinvk.',
    fix: 'Call the package `clinvk-backend-<name>`, give its package.json `"oclif": {}`, build it, and name its folders under `files`. A package of clinvk belongs to `devDependencies`: a backend needs only its types.',
    run({descriptor: {executable, module}, fixtures, pack: {pjson, root}}) {
      if (!/^(?:@[^/]+\/)?clinvk-backend-/.test(pjson.name))
        fail('a name that begins with clinvk-backend-', pjson.name)
      if (typeof pjson.oclif !== 'object') fail('the key `oclif`', show(pjson.oclif))
      for (const key of ['dependencies', 'optionalDependencies', 'peerDependencies']) {
        const found = Object.keys(pjson[key] ?? {}).find((name) => OF_CLINVK.test(name))
        if (found !== undefined) fail(`no package of clinvk or oclif under \`${key}\``, found)
      }

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
    id: 'fixtures-enough',
    title: 'It has fixtures of an answer and of an error, and of a resumed turn where the agent resumes.',
    fix: 'Record them as docs/plugins/conformance.md says, and put them into `fixtures/`.',
    run({capabilities, fixtures}) {
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

const SHARED: ReadonlySet<string> = new Set([
  '', '~', '$HOME', '/tmp', '$TMPDIR', '/home', '/root', '~/.config', '$XDG_CONFIG_HOME',
]) // prettier-ignore
