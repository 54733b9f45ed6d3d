import type {Config} from '@oclif/core'
import type {Candidate} from 'clinvk-kit/hooks/complete'
import {commandCandidates} from './candidates.js'
import type {Line} from './read-line.js'

/** A value that begins so, at this place of the line. */
export interface Question {
  readonly config: Config
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly line: Line
  readonly beginning: string
  /** All that the manifest allows. */
  readonly options?: readonly string[]
}

export interface Values {
  readonly candidates: readonly Candidate[]
  /** The shell is to complete names of files or directories itself. */
  readonly paths?: 'files' | 'directories'
}

/** The values of a kind that begin so, without those that are given. An error leaves those of the manifest. */
export async function valuesOf(
  kind: string | undefined,
  question: Question,
  given: readonly string[],
): Promise<Values> {
  if (kind === 'file') return {candidates: [], paths: 'files'}
  if (kind === 'directory') return {candidates: [], paths: 'directories'}
  const {beginning, options} = question
  const allowed = (options ?? []).map((value) => ({value}))
  const find = async (): Promise<readonly Candidate[]> => {
    if (kind !== undefined && Object.hasOwn(OWN, kind)) return OWN[kind]!(question)
    if (options || kind === undefined) return allowed
    return (await import('./plugin-values.js')).askPlugins(kind, question)
  }
  const found = await find().catch(() => allowed)
  return {candidates: found.filter(({value}) => value.startsWith(beginning) && !given.includes(value))}
}

/** The kinds that clinvk knows itself; the rest is asked of plugins. Each loads what it needs. */
const OWN: Record<string, (question: Question) => Promise<readonly Candidate[]> | readonly Candidate[]> = {
  approval: async (question) => (await import('./backend-values.js')).chosenModes(question, 'approval'),
  backend: async (question) => (await import('./backend-values.js')).backends(question),
  command: ({beginning, config, line}) => commandCandidates(line.args.join(':'), beginning, config),
  model: async (question) => (await import('./backend-values.js')).models(question),
  plugin: async ({config}) => (await import('./plugin-values.js')).userPlugins(config),
  'plugin:any': async ({config}) => (await import('./plugin-values.js')).anyPlugins(config),
  run: async (question) => (await import('./run-values.js')).runs(question),
  sandbox: async (question) => (await import('./backend-values.js')).chosenModes(question, 'sandbox'),
  setting: async (question) => (await import('./setting-values.js')).settingKeys(question),
  'setting:any': async (question) => (await import('./setting-values.js')).keysAndSections(question),
  'setting:value': async (question) => (await import('./setting-values.js')).settingValues(question),
}
