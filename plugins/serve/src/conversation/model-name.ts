import type {Clinvk} from '../core/clinvk.js'
import {ServerFailure} from '../core/errors.js'

/** What a client's name of a model stands for. */
export interface NamedModel {
  readonly backend?: string
  /** As clinvk takes it: the agent's own name, or one of `fast`, `balanced`, `best`. */
  readonly model?: string
  /** A session's reference. */
  readonly session?: string
}

/**
 * Reads `claude`, `codex/best`, `claude@abc123`, `@abc123`. Names of the vendors' models, which many programs send
 * whatever they are told, stand for the vendor's agent. Throws a Failure for an unknown backend.
 */
export function parseModel(name: string, backends: ReadonlyMap<string, unknown>): NamedModel {
  const [, agent = '', session] = /^([^@]*)(?:@(.+))?$/.exec(name.trim()) ?? []
  if (agent === '' && session !== undefined) return {session}
  const [, backend = agent, model] = /^([^/]*)\/(.+)$/.exec(agent) ?? []
  if (backends.has(backend)) return {backend, model, session}
  const vendor = VENDORS.find(([pattern]) => pattern.test(agent))?.[1]
  if (vendor !== undefined && backends.has(vendor)) return {backend: vendor, model: agent, session}
  throw new ServerFailure('backend_unknown', `There is no model "${name}".`, [
    `Models: ${[...backends.keys()].join(', ')}; with a model of the agent: codex/MODEL; to continue a session: codex@SESSION`,
  ])
}

/** What a client may write as its model: each enabled backend, also with the names of models that every agent has. */
export async function modelIds({kit}: Clinvk): Promise<string[]> {
  const {backends, settings} = await kit.lookAround()
  const enabled = [...backends].filter(([name]) => settings.backends[name]?.enabled !== false)
  return enabled.flatMap(([name, {descriptor}]) => [
    name,
    ...NAMES.filter((model) => descriptor.models?.[model] !== undefined).map((model) => `${name}/${model}`),
  ])
}

const NAMES = ['fast', 'balanced', 'best']
const VENDORS: readonly (readonly [RegExp, string])[] = [
  [/^claude-/, 'claude'],
  [/^(gpt-|o\d|codex-)/, 'codex'],
  [/^gemini-/, 'gemini'],
]
