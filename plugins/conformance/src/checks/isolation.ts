import {readFileSync} from 'node:fs'
import {dirname, relative, resolve} from 'node:path'
import {messageOf} from 'clinvk-kit/errors/failure'
import {type Bench, expectValid, SCHEMA} from '../bench.js'
import {type Check, fail, isForbidden, show, skip} from '../check.js'
import {edgeCaseTurns} from '../turns.js'
import {OPTIONAL_CHECKS} from './optional.js'
import {OF_CLINVK} from './package.js'

/** What the backend is made of, and what it does besides giving answers. */
export const ISOLATION_CHECKS: readonly Check<Bench>[] = [
  {
    id: 'module-loads',
    title:
      'Its module loads; the default export has plan and reader, and only members that the contract knows.',
    fix: 'Build the package; `export default {plan, reader} satisfies Backend`. A misspelt member is never called.',
    async run(bench) {
      await bench.load().catch((error: unknown) => {
        if (isForbidden(error)) throw error
        fail('a module that loads', messageOf(error))
      })
      for (const [name, member] of Object.entries(bench.backend)) {
        if (!(name in SCHEMA.answers)) fail('members of `Backend`', name)
        if (name === 'history' && member !== undefined)
          expectValid(SCHEMA.answers.history, member, 'the parts of `history`')
        else if (typeof member !== 'function' && member !== undefined)
          fail(`a function as \`${name}\``, show(member))
      }
    },
  },
  {
    id: 'imports-allowed',
    title:
      'It imports neither clinvk nor oclif at run time, and nothing of Node for files, processes or the network.',
    fix: 'Import types only (`import type {…} from "clinvk-contract"`), and copy the few lines that you need. Use the `files` that a part is given; return what is to be started or written from `plan` and `probe`.',
    run({entry}) {
      const {module} = entry.descriptor
      if (module === undefined) skip('The backend has no module.')
      const files = new Set([resolve(entry.root, module)])
      for (const file of files)
        for (const name of importsIn(file)) {
          if (OF_CLINVK.test(name) || OF_NODE.test(name))
            fail('no such import', `${relative(entry.root, file)} imports ${name}`)
          if (name.startsWith('.')) files.add(resolve(dirname(file), name))
        }
    },
  },
  {
    id: 'no-side-effects',
    title:
      'It only gives answers: it prints nothing, uses no file, process or network, changes no variable or listener, and leaves no timer running.',
    fix: 'Return it instead: `notice` events, `env` and `files` of a plan, a refusal. Leave time limits and processes to clinvk.',
    async run(bench) {
      if (!bench.effects) skip('This process is not watched.')
      const found = [...(await deniedActions(bench)), ...bench.effects.found()]
      if (found.length > 0) fail('nothing but answers', found.join('; '))
    },
  },
]

/** Calls every part of the backend, and collects what Node's permission model denied it. */
async function deniedActions(bench: Bench): Promise<ReadonlySet<string>> {
  const denied = new Set<string>()
  const tasks: (() => unknown)[] = [
    () => bench.load(),
    ...edgeCaseTurns(bench.descriptor).map(([, turn]) => bench.ownPlan.bind(bench, turn)),
    ...bench.fixtures.map((fixture) => () => bench.read(fixture)),
    ...OPTIONAL_CHECKS.map((check) => () => check.run(bench)),
  ]
  for (const task of tasks)
    try {
      await task()
    } catch (error) {
      // Other errors are what other checks are about.
      const {permission, resource = ''} = deniedBy(error) ?? {}
      if (permission !== undefined) denied.add(`${permission} ${resource}`.trim())
    }

  return denied
}

function deniedBy(error: unknown): {permission?: string; resource?: string} | undefined {
  const {cause, code, ...details} = Object(error) as Error & {code?: string; permission?: string}
  return code === 'ERR_ACCESS_DENIED' ? details : cause ? deniedBy(cause) : undefined
}

function importsIn(file: string): string[] {
  let code: string
  try {
    code = readFileSync(file, 'utf8')
  } catch {
    // A missing file is reported when the module is loaded.
    return []
  }

  const withoutComments = code.replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '')
  return [...withoutComments.matchAll(IMPORT)].map(([, name]) => name!)
}

const IMPORT = /\b(?:from|import|require)\b\s*\(?\s*['"]([^'"\n]+)['"]/g
const OF_NODE =
  /^(?:node:)?(?:fs|child_process|cluster|worker_threads|net|tls|https?|http2|dns|dgram)(?:\/promises)?$/
