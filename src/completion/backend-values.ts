import {resolve} from 'node:path'
import {type BackendEntry, backendsOf} from 'clinvk-kit/backends/discover'
import {byName} from 'clinvk-kit/backends/find-executable'
import {oneLine} from 'clinvk-kit/format/text'
import type {Candidate} from 'clinvk-kit/hooks/complete'
import {findSettings, installedIn, isEmpty} from 'clinvk-kit/settings/load'
import {DEFAULTS, type Settings} from 'clinvk-kit/settings/settings'
import type {Question} from './values.js'

export async function backends({config}: Pick<Question, 'config'>): Promise<Candidate[]> {
  const known = byName((await backendsOf(config)).backends)
  return known.map(({descriptor, name}) => ({value: name, description: oneLine(descriptor.title)}))
}

/** The names that work for every backend, then those of the chosen one. */
export async function models(question: Question): Promise<Candidate[]> {
  const {backend, settings} = await chosen(question)
  if (backend) return modelsOf(backend, settings?.backends[backend.name]?.model)
  const known = [...(await backendsOf(question.config)).backends.values()]
  const names = new Set(known.flatMap(({descriptor}) => Object.keys(descriptor.models ?? {})))
  return [...names].map((value) => ({value}))
}

/** The models of one backend: short names, and what they stand for. */
export function modelsOf({descriptor}: BackendEntry, configured?: string): Candidate[] {
  const aliases = Object.entries(descriptor.models ?? {})
  const candidates = new Map(aliases)
  const add = (model: string, description: string) => {
    if (!candidates.has(model)) candidates.set(model, description)
  }
  if (configured !== undefined) add(configured, 'the model of your settings')
  for (const [, model] of aliases) add(model, `a model of ${descriptor.title}`)
  return [...candidates].map(([value, description]) => ({value, description: oneLine(description)}))
}

export function modesOf({descriptor: {capabilities}}: BackendEntry, which: Mode): Candidate[] {
  const honoured: readonly string[] = ['default', ...(capabilities[which] ?? [])]
  return allModes(which).filter(({value}) => honoured.includes(value))
}

export async function chosenModes(question: Question, which: Mode): Promise<Candidate[]> {
  const {backend} = await chosen(question)
  const {options} = question
  return (backend ? modesOf(backend, which) : allModes(which)).filter(
    ({value}) => options?.includes(value) ?? true,
  )
}

function allModes(which: Mode): Candidate[] {
  return Object.entries(MODES[which]).map(([value, description]) => ({value, description}))
}

/** The backend that the turn will have, where that can be told: a session has one of its own. */
async function chosen(
  question: Question,
): Promise<{backend?: BackendEntry | undefined; settings?: Settings}> {
  const {config, line} = question
  const named = line.flags.get('backend')?.at(-1)
  const resumes = line.command?.id === 'resume' || line.flags.has('session') || line.flags.has('continue')
  if (named === undefined && resumes) return {}
  const settings = await settingsInForce(question)
  return {backend: (await backendsOf(config)).backends.get(named ?? settings.default_backend), settings}
}

/** The settings of the turn: the valid ones, and the defaults where the files cannot be read. */
async function settingsInForce({config, cwd, env, line: {flags}}: Question): Promise<Settings> {
  try {
    const project = resolve(cwd, flags.get('workdir')?.at(-1) ?? '')
    const place = {cwd, env, file: flags.get('config')?.at(-1), project, installed: await installedIn(config)}
    const found = findSettings(place, false)
    if (isEmpty(found)) return DEFAULTS
    const {resolveSettings} = await import('clinvk-kit/settings/resolve')
    return resolveSettings(found).settings
  } catch {
    return DEFAULTS
  }
}

type Mode = 'approval' | 'sandbox'

const MODES: Record<Mode, Record<string, string>> = {
  approval: {
    default: 'as the agent decides',
    auto: 'edit files without asking',
    none: 'nothing that would need approval',
    always: 'nothing without asking',
  },
  sandbox: {
    default: 'as the agent decides',
    'read-only': 'change nothing',
    workspace: 'change the working directory',
    full: 'change everything',
  },
}
