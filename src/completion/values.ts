import type {Config} from '@oclif/core'
import type {Candidate} from 'clinvk-kit/hooks/complete'
import {commandCandidates} from './command-candidates.js'
import type {Line} from './read-line.js'

/** What is asked for: a value that begins so, at this place of the line. */
export interface Asked {
  readonly config: Config
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly line: Line
  readonly beginning: string
  /** All that the manifest allows. */
  readonly options?: readonly string[] | undefined
}

export interface Values {
  readonly candidates: readonly Candidate[]
  readonly paths?: 'files' | 'directories' | undefined
}

/** The values of a kind. What goes wrong on the way to them makes them fewer, nothing else. */
export async function valuesOf(kind: string | undefined, asked: Asked): Promise<Values> {
  if (kind === 'file') return {candidates: [], paths: 'files'}
  if (kind === 'directory') return {candidates: [], paths: 'directories'}
  try {
    return {candidates: await candidatesOf(kind, asked)}
  } catch {
    return {candidates: options(asked)}
  }
}

async function candidatesOf(kind: string | undefined, asked: Asked): Promise<readonly Candidate[]> {
  if (kind !== undefined && Object.hasOwn(OWN, kind)) return OWN[kind]!(asked)
  if (asked.options || kind === undefined) return options(asked)
  const {askPlugins} = await import('./ask-plugins.js')
  return askPlugins(kind, asked)
}

function options({options: allowed = []}: Asked): Candidate[] {
  return allowed.map((value) => ({value}))
}

/** The kinds that clinvk knows itself; the rest is asked of plugins. Each loads what it needs. */
const OWN: Record<string, (asked: Asked) => Promise<readonly Candidate[]> | readonly Candidate[]> = {
  approval: async (asked) => (await import('./backend-values.js')).approvalModes(asked),
  backend: async (asked) => (await import('./backend-values.js')).backends(asked),
  command: ({beginning, config, line}) => commandCandidates(line.args.join(':'), beginning, config),
  model: async (asked) => (await import('./backend-values.js')).models(asked),
  plugin: async ({config}) => (await import('./user-plugins.js')).userPlugins(config),
  'plugin:any': async ({config}) => (await import('./user-plugins.js')).anyPlugins(config),
  sandbox: async (asked) => (await import('./backend-values.js')).sandboxModes(asked),
  setting: async (asked) => (await import('./setting-values.js')).settingKeys(asked),
  'setting:any': async (asked) => (await import('./setting-values.js')).keysAndSections(asked),
  'setting:value': async (asked) => (await import('./setting-values.js')).settingValues(asked),
}
