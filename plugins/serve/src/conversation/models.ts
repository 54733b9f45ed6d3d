import type {Clinvk} from '../core/clinvk.js'

/** What a client may write as its model: each backend that is enabled, and each with the names of models that work for all of them. */
export async function modelIds({kit}: Clinvk): Promise<string[]> {
  const {backends, settings} = await kit.lookAround()
  const enabled = [...backends].filter(([name]) => settings.backends[name]?.enabled !== false)
  return enabled.flatMap(([name, {descriptor}]) => [
    name,
    ...NAMES.filter((model) => descriptor.models?.[model] !== undefined).map((model) => `${name}/${model}`),
  ])
}

const NAMES = ['fast', 'balanced', 'best']
