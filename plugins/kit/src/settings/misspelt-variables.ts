import type {z} from 'zod'
import {nearest} from '../nearest.js'
import {variables, variableOf} from './environment.js'
import {namedSettings} from './setting.js'

/** One sentence for each variable that looks like a setting and is none. */
export function misspeltVariables(
  env: Readonly<Record<string, string | undefined>>,
  schema: z.ZodType,
): string[] {
  const meant = new Set(variables(env, schema).map(({name}) => name))
  const known = ['CLINVK_BACKEND', ...namedSettings(schema).map(({path}) => variableOf(path))]
  return Object.entries(env).flatMap(([name, value]) => {
    if (!name.startsWith('CLINVK_') || !value || meant.has(name)) return []
    const near = nearest(name, known)
    if (near !== undefined) return [`${name} has no effect: there is no such variable. Did you mean ${near}?`]
    return SECTIONS.test(name) ? [`${name} has no effect: there is no such setting.`] : []
  })
}

const SECTIONS = /^CLINVK_(?:BACKENDS|OUTPUT|PARALLEL|SESSION|TRUST|UNIFIED_FLAGS)_/
