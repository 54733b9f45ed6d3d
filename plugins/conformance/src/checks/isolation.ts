import type {Bench} from '../bench.js'
import {type Check, CheckFailed, expectThat, notApplicable, show} from '../check.js'
import {exercise} from '../exercise.js'
import {type Deed, isForbidden} from '../guard.js'
import {isOfClinvk} from './package.js'

export const ISOLATION_CHECKS: readonly Check<Bench>[] = [
  {
    id: 'module-loads',
    title: 'Its module loads, and exports plan and reader as its default.',
    fix: 'Build the package; `export default {plan, reader} satisfies Backend`.',
    async run(bench) {
      try {
        await bench.load()
      } catch (error) {
        if (!isForbidden(error)) throw new CheckFailed('a module that loads', (error as Error).message)
      }
    },
  },
  {
    id: 'imports-nothing-of-clinvk',
    title: 'It imports nothing from clinvk or oclif at run time, so that it works in every clinvk.',
    fix: 'Import types only (`import type {…} from "clinvk-contract"`), and copy the few lines that you need.',
    run({entry, importsOf}) {
      if (!entry.descriptor.module || !importsOf) return notApplicable('The backend has no module.')
      const found = importsOf(entry).find(({specifier}) => isOfClinvk(specifier))
      expectThat(found === undefined, 'types of clinvk alone', `${found?.parent} imports ${found?.specifier}`)
      return undefined
    },
  },
  {
    id: 'members-known',
    title: 'The backend has only members that the contract knows, and each is a function.',
    fix: 'Correct its name: a misspelt member is never called.',
    run({backend}) {
      for (const [name, member] of Object.entries(backend)) {
        expectThat(MEMBERS.has(name), 'members of `Backend`', `\`${name}\``)
        const isFunction = typeof member === 'function' || member === undefined
        expectThat(isFunction, `a function as \`${name}\``, show(member))
      }
    },
  },
  ...(
    [
      ['no-network', 'network', 'It does not touch the network.', 'Leave it to the agent; a backend only describes.'],
      ['no-processes', 'process', 'It starts no process.', 'Return what is to be started from `plan` or `probe`; clinvk starts it.'],
      ['no-writes', 'write', 'It writes and removes no file.', 'Return `files` from `plan`, and use the `files` that settle and forget are given.'],
      ['no-reads', 'read', 'It reads no file, in the home directory or elsewhere, but its own code.', 'Use the `files` that settle, record and forget are given, and `host` for what a plan needs.'],
      ['prints-nothing', 'print', 'It prints nothing: standard output belongs to the answer.', 'Return a `notice` event, or `notices` of a plan.'],
      ['process-untouched', 'exit', 'It does not end, signal or move the process that it runs in.', 'Return a refusal or a verdict.'],
    ] as const
  ).map(([id, deed, title, fix]) => ({id, title, fix, run: (bench: Bench) => nothingOf(deed, bench)})), // prettier-ignore
  {
    id: 'environment-untouched',
    title: 'It changes nothing in the process: no variable, no listener, no global name.',
    fix: 'Return changes of the environment as `env` of the invocation.',
    async run(bench) {
      await exercise(bench)
      const {after, before} = bench.surroundings!
      for (const key of Object.keys(before))
        expectThat(before[key] === after[key], `${key} as before: ${before[key]}`, String(after[key]))
    },
  },
  {
    id: 'leaves-nothing-running',
    title: 'Nothing of it goes on by itself: no timer, no open handle.',
    fix: 'Leave time limits to clinvk; a timer keeps it from ending.',
    async run(bench) {
      await exercise(bench)
      const {left} = bench.surroundings!
      expectThat(left.length === 0, 'no timer and no open handle', left.join(', '))
    },
  },
]

async function nothingOf(deed: Deed, bench: Bench): Promise<void> {
  await exercise(bench)
  const found = bench.guard.seen.find((trespass) => trespass.deed === deed)
  expectThat(found === undefined, 'nothing of the kind', `${found?.call}, called by ${found?.during}`)
}

const MEMBERS: ReadonlySet<string> = new Set([
  'plan', 'reader', 'settle', 'stopSignal', 'interactive', 'tidy', 'record', 'forget', 'deleteCommand', 'probe',
]) // prettier-ignore
