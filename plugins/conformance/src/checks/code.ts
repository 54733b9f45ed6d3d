import {messageOf} from 'clinvk-kit/errors/failure'
import type {Bench} from '../bench.js'
import {type Check, fail, isForbidden, notApplicable, quietly, show} from '../check.js'
import {edgeCaseTurns} from '../edge-case-turns.js'
import {type Action, snapshotProcess} from '../guard.js'

import {OPTIONAL_CHECKS} from './optional.js'
import {OF_CLINVK} from './package.js'

/** What the backend does besides giving answers. Node's permission model denies files and processes. */
export const ISOLATION_CHECKS: readonly Check<Bench>[] = [
  {
    id: 'module-loads',
    title: 'Its module loads, and its default export has plan and reader.',
    fix: 'Build the package; `export default {plan, reader} satisfies Backend`.',
    async run(bench) {
      await bench.load().catch((error: unknown) => {
        if (isForbidden(error)) throw error
        fail('a module that loads', messageOf(error))
      })
    },
  },
  {
    id: 'imports-nothing-of-clinvk',
    title: 'It imports nothing from clinvk or oclif at run time, so that it works in every clinvk.',
    fix: 'Import types only (`import type {…} from "clinvk-contract"`), and copy the few lines that you need.',
    run({entry, imports}) {
      if (entry.descriptor.module === undefined) return notApplicable('The backend has no module.')
      const found = imports.find(({specifier}) => OF_CLINVK.test(specifier))
      if (found) fail('no import of clinvk', `${found.parent} imports ${found.specifier}`)
      return undefined
    },
  },
  {
    id: 'members-known',
    title: 'The backend has only members that the contract knows, and each is a function.',
    fix: 'Correct its name: a misspelt member is never called.',
    run({backend}) {
      for (const [name, member] of Object.entries(backend)) {
        if (!MEMBERS.has(name)) fail('members of `Backend`', name)
        if (typeof member !== 'function' && member !== undefined)
          fail(`a function as \`${name}\``, show(member))
      }
    },
  },
  forbids({
    id: 'no-network',
    action: 'network',
    modules: /^(?:node:)?(?:net|tls|http|https|http2|dns|dns\/promises|dgram)$/,
    title: 'It does not use the network.',
    fix: 'Leave it to the agent; a backend only describes.',
  }),
  forbids({
    id: 'no-processes',
    action: 'processes',
    modules: /^(?:node:)?(?:child_process|cluster|worker_threads)$/,
    title: 'It starts no process.',
    fix: 'Return what is to be started from `plan` or `probe`; clinvk starts it.',
  }),
  forbids({
    id: 'no-files',
    action: 'files',
    modules: /^(?:node:)?fs(?:\/promises)?$/,
    title: 'It reads and writes no file itself, in the home directory or elsewhere.',
    fix: 'Use the `files` that settle, record and forget are given, and `host` for what a plan needs; return `files` from `plan`.',
  }),
  forbids({
    id: 'prints-nothing',
    action: 'output',
    title: 'It prints nothing: standard output belongs to the answer.',
    fix: 'Return a `notice` event, or `notices` of a plan.',
  }),
  forbids({
    id: 'process-untouched',
    action: 'process',
    title: 'It does not end, signal or move the process that it runs in.',
    fix: 'Return a refusal or a verdict.',
  }),
  {
    id: 'environment-untouched',
    title: 'It changes nothing in the process: no variable, no listener, no global name.',
    fix: 'Return changes of the environment as `env` of the invocation.',
    async run(bench) {
      await exercise(bench)
      const {after, before} = bench.snapshots
      for (const [what, value] of Object.entries(before.state))
        if (after!.state[what] !== value) fail(`${what} as before: ${value}`, String(after!.state[what]))
    },
  },
  {
    id: 'leaves-nothing-running',
    title: 'It leaves nothing running: no timer, no open handle.',
    fix: 'Leave time limits to clinvk; a timer keeps it from ending.',
    async run(bench) {
      await exercise(bench)
      const {after, before} = bench.snapshots
      const left = [...after!.resources]
      for (const known of before.resources) if (left.includes(known)) left.splice(left.indexOf(known), 1)
      if (left.length > 0) fail('no timer and no open handle', left.join(', '))
    },
  },
]

/** A check that the backend neither imports a module of Node for an action nor does it another way. */
function forbids({
  action,
  modules,
  ...check
}: Omit<Check<Bench>, 'run'> & {action: Action; modules?: RegExp}): Check<Bench> {
  return {
    ...check,
    async run(bench) {
      await exercise(bench)
      const call = bench.guard.seen.get(action)
      if (call !== undefined) fail('nothing of the kind', call)
      const found = bench.imports.find(({specifier}) => modules?.test(specifier))
      if (found) fail('no import for it', `${found.parent} imports ${found.specifier}`)
    },
  }
}

/** Calls every part of the backend, for the checks of what it does besides. */
async function exercise(bench: Bench): Promise<void> {
  if (bench.snapshots.after) return
  for (const [, turn] of edgeCaseTurns(bench.entry.descriptor)) quietly(() => bench.ownPlan(turn))
  for (const fixture of bench.fixtures) quietly(() => bench.read(fixture))
  // What these find out is reported by themselves.
  for (const check of OPTIONAL_CHECKS)
    await Promise.resolve(quietly(() => check.run(bench))).catch(() => undefined)
  bench.snapshots.after = snapshotProcess()
}

const MEMBERS: ReadonlySet<string> = new Set([
  'plan', 'reader', 'settle', 'stopSignal', 'interactive', 'tidy', 'record', 'forget', 'deleteCommand', 'probe',
]) // prettier-ignore
