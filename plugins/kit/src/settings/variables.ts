import {nearest} from '../format/text.js'
import {childOf, keysOf, namedSettings, type Schema} from './setting.js'

type Env = Readonly<Record<string, string | undefined>>

/** A variable that sets a setting. */
export interface Variable {
  readonly name: string
  readonly path: readonly string[]
  readonly text: string
}

/** The variable of a setting: `CLINVK_SESSION_AUTO_RESUME`. */
export function variableOf(path: readonly string[]): string {
  return `CLINVK_${inCapitals(path.join('_'))}`
}

/** The variables that set settings; of two for the same setting, the one with the whole name comes last. */
export function variables(env: Env, schema: Schema): Variable[] {
  const paths = new Map(namedSettings(schema).map(({path}) => [variableOf(path), path]))
  const backends = childOf(schema, 'backends')!
  const found = namesIn(env).flatMap((name) => {
    const path = paths.get(name) ?? shortPath(name, keysOf(backends)) ?? pathOfUnknownBackend(name, backends)
    return path ? [{name, path, text: env[name]!}] : []
  })
  return found.sort((a, b) => a.name.length - b.name.length)
}

/** One sentence for each variable that looks like a setting and is none. */
export function misspeltVariables(env: Env, schema: Schema): string[] {
  const used = new Set(variables(env, schema).map(({name}) => name))
  const paths = namedSettings(schema).map(({path}) => path)
  const known = ['CLINVK_BACKEND', ...paths.map((path) => variableOf(path))]
  const sections = new Set(
    paths.filter(({length}) => length > 1).map(([section]) => `${variableOf([section!])}_`),
  )
  return namesIn(env).flatMap((name) => {
    if (used.has(name)) return []
    const near = nearest(name, known)
    if (near !== undefined) return [`${name} has no effect: there is no such variable. Did you mean ${near}?`]
    const isInSection = [...sections].some((section) => name.startsWith(section))
    return isInSection ? [`${name} has no effect: there is no such setting.`] : []
  })
}

function namesIn(env: Env): string[] {
  return Object.keys(env).filter((name) => name.startsWith('CLINVK_') && env[name])
}

/** The names of clinvoker: `CLINVK_BACKEND`, `CLINVK_CLAUDE_MODEL`. */
function shortPath(name: string, backends: readonly string[]): readonly string[] | undefined {
  if (name === 'CLINVK_BACKEND') return ['default_backend']
  const [, backend] = /^CLINVK_(?!BACKENDS_)([A-Z0-9_]+)_MODEL$/.exec(name) ?? []
  if (backend === undefined) return undefined
  return ['backends', backends.find((known) => inCapitals(known) === backend) ?? lower(backend), 'model']
}

function pathOfUnknownBackend(name: string, backends: Schema): readonly string[] | undefined {
  const key = keysOf(childOf(backends, '')!).find((option) => name.endsWith(`_${inCapitals(option)}`))
  const [, backend] = /^CLINVK_BACKENDS_([A-Z0-9_]+)$/.exec(name.slice(0, -1 - (key?.length ?? 0))) ?? []
  return key === undefined || backend === undefined ? undefined : ['backends', lower(backend), key]
}

function inCapitals(text: string): string {
  return text.replaceAll('-', '_').toUpperCase()
}

function lower(backend: string): string {
  return backend.replaceAll('_', '-').toLowerCase()
}
