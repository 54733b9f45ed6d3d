import {type BackendEntry, backendsOf} from 'clinvk-kit/backends/discover'
import {byName} from 'clinvk-kit/backends/find-executable'
import type {Candidate} from 'clinvk-kit/hooks/complete'
import {oneLine} from 'clinvk-kit/format/text'
import type {Settings} from 'clinvk-kit/settings/settings'
import type {Asked} from './values.js'

export function backends({config}: Pick<Asked, 'config'>): Candidate[] {
  return byName(backendsOf(config).backends).map(({descriptor, name}) => ({
    value: name,
    description: oneLine(descriptor.title),
  }))
}

/** The names that work for every backend, then what the chosen one has of its own. */
export async function models(asked: Asked): Promise<Candidate[]> {
  const {backend, settings} = await chosen(asked)
  if (!backend) return aliasesOfAll(asked)
  return modelsOf(backend, settings?.backends[backend.name]?.model)
}

/** The models of one backend: short names, and what they stand for. */
export function modelsOf({descriptor}: BackendEntry, configured?: string): Candidate[] {
  const aliases = Object.entries(descriptor.models ?? {})
  const candidates = new Map(aliases.map(([value, description]) => [value, description]))
  if (configured !== undefined && !candidates.has(configured))
    candidates.set(configured, 'the model of your settings')
  for (const [, model] of aliases)
    if (!candidates.has(model)) candidates.set(model, `a model of ${descriptor.title}`)
  return [...candidates].map(([value, description]) => ({value, description: oneLine(description)}))
}

export async function approvalModes(asked: Asked): Promise<Candidate[]> {
  const {backend} = await chosen(asked)
  return modes(asked.options, APPROVAL, backend?.descriptor.capabilities.approval, backend !== undefined)
}

export async function sandboxModes(asked: Asked): Promise<Candidate[]> {
  const {backend} = await chosen(asked)
  return modes(asked.options, SANDBOX, backend?.descriptor.capabilities.sandbox, backend !== undefined)
}

/** What everyone may be told, or what this backend can honour. */
export function modes(
  options: readonly string[] | undefined,
  descriptions: Readonly<Record<string, string>>,
  honoured: readonly string[] = [],
  isKnown = true,
): Candidate[] {
  return (options ?? Object.keys(descriptions))
    .filter((value) => !isKnown || value === 'default' || honoured.includes(value))
    .map((value) => ({value, description: descriptions[value]}))
}

/** The backend that the turn will have, where that can be told: a session has one of its own. */
async function chosen(asked: Asked): Promise<{backend?: BackendEntry | undefined; settings?: Settings}> {
  const {config, line} = asked
  const {backends: known} = backendsOf(config)
  const named = line.flags.get('backend')?.at(-1)
  const goesOn = line.command?.id === 'resume' || line.flags.has('session') || line.flags.has('continue')
  if (named === undefined && goesOn) return {}
  const {settingsInForce} = await import('./settings-in-force.js')
  const settings = await settingsInForce(asked)
  return {backend: known.get(named ?? settings.default_backend), settings}
}

function aliasesOfAll({config}: Asked): Candidate[] {
  const {backends: known} = backendsOf(config)
  const names = [...known.values()].flatMap(({descriptor}) => Object.keys(descriptor.models ?? {}))
  return [...new Set(names)].map((value) => ({value}))
}

export const APPROVAL: Readonly<Record<string, string>> = {
  default: "the agent's own way",
  auto: 'edit files without asking',
  none: 'only what needs no asking',
  always: 'nothing without asking',
}

export const SANDBOX: Readonly<Record<string, string>> = {
  default: "the agent's own way",
  'read-only': 'touch nothing',
  workspace: 'the working directory',
  full: 'everything',
}
