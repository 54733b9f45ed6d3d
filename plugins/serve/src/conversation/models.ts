import type {Clinvk} from '../core/clinvk.js'

/** What a client may write as its model: each backend, and each with the names of models that work for all of them. */
export async function modelIds({kit}: Clinvk): Promise<string[]> {
  const {backends} = await kit.lookAround()
  return [...backends].flatMap(([name, {descriptor}]) => [
    name,
    ...NAMES.filter((model) => descriptor.models?.[model] !== undefined).map((model) => `${name}/${model}`),
  ])
}

const NAMES = ['fast', 'balanced', 'best']
