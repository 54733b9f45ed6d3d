import {nearest} from '../format/text.js'
import type {Env} from '../io.js'
import {childOf, keysOf, namedSettings, type Schema} from './setting.js'

/** The variables that set settings; of two for the same setting, the one with the whole name comes last. */
export function variables(env: Env, schema: Schema) {
  const paths = new Map(namedSettings(schema).map(({path}) => [variableOf(path), path]))
  const found = namesIn(env).flatMap((name) => {
    const path = paths.get(name) ?? otherPathOf(name, childOf(schema, 'backends')!)
    return path ? [{name, path, text: env[name]!}] : []
  })
  return found.sort((a, b) => a.name.length - b.name.length)
}

/** One sentence for each variable that looks like a setting and is none. */
export function misspeltVariables(env: Env, schema: Schema): string[] {
  const used = new Set(variables(env, schema).map(({name}) => name))
  const paths = namedSettings(schema).map(({path}) => path)
  const known = ['CLINVK_BACKEND', ...paths.map((path) => variableOf(path))]
  const sections = paths.flatMap(([section, key]) =>
    key === undefined ? [] : [`${variableOf([section!])}_`],
  )
  return namesIn(env).flatMap((name) => {
    if (used.has(name)) return []
    const near = nearest(name, known)
    if (near !== undefined) return [`${name} has no effect: there is no such variable. Did you mean ${near}?`]
    const isInSection = sections.some((section) => name.startsWith(section))
    return isInSection ? [`${name} has no effect: there is no such setting.`] : []
  })
}

/** The variable of a setting: `CLINVK_SESSION_AUTO_RESUME`. */
function variableOf(path: readonly string[]): string {
  return `CLINVK_${inCapitals(path.join('_'))}`
}

function namesIn(env: Env): string[] {
  return Object.keys(env).filter((name) => name.startsWith('CLINVK_') && env[name])
}

/** Names of clinvoker, `CLINVK_BACKEND` and `CLINVK_CLAUDE_MODEL`, and those of backends that are not installed. */
function otherPathOf(name: string, backends: Schema): readonly string[] | undefined {
  if (name === 'CLINVK_BACKEND') return ['default_backend']
  const keys = name.startsWith('CLINVK_BACKENDS_') ? keysOf(childOf(backends, '')!) : ['model']
  const key = keys.find((option) => name.endsWith(`_${inCapitals(option)}`))
  if (key === undefined) return undefined
  const [, backend] =
    /^CLINVK_(?:BACKENDS_)?(?!BACKENDS$)([A-Z0-9_]+)$/.exec(name.slice(0, -1 - key.length)) ?? []
  if (backend === undefined) return undefined
  const installed = keysOf(backends).find((known) => inCapitals(known) === backend)
  return ['backends', installed ?? backend.replaceAll('_', '-').toLowerCase(), key]
}

function inCapitals(text: string): string {
  return text.replaceAll('-', '_').toUpperCase()
}
