import type {z} from 'zod'
import {namedSettings} from './setting.js'

type Env = Readonly<Record<string, string | undefined>>

/** A variable that means a setting, and has a value. */
export interface Variable {
  readonly name: string
  readonly path: readonly string[]
  readonly text: string
}

/** The variable of a setting: `CLINVK_SESSION_AUTO_RESUME`. */
export function variableOf(path: readonly string[]): string {
  return `CLINVK_${path.join('_').replaceAll('-', '_').toUpperCase()}`
}

/** The variables that mean settings; where two mean the same one, the one with the whole name comes last. */
export function variables(env: Env, schema: z.ZodType): Variable[] {
  const settings = namedSettings(schema)
  const byName = new Map(settings.map(({path}) => [variableOf(path), path]))
  const backends = new Map(
    settings.flatMap(({path: [section, name]}) =>
      section === 'backends' && name !== undefined ? [[shortName(name), name] as const] : [],
    ),
  )
  const found = Object.entries(env).flatMap(([name, text]) => {
    if (!text) return []
    const path = byName.get(name) ?? pathOfShort(name, backends) ?? pathOfStranger(name)
    return path ? [{name, path, text}] : []
  })
  return found.sort((a, b) => a.name.length - b.name.length)
}

/** The names of clinvoker: `CLINVK_BACKEND`, `CLINVK_CLAUDE_MODEL`. */
function pathOfShort(name: string, backends: ReadonlyMap<string, string>): readonly string[] | undefined {
  if (name === 'CLINVK_BACKEND') return ['default_backend']
  const [, backend] = /^CLINVK_(?!BACKENDS_)([A-Z0-9_]+)_MODEL$/.exec(name) ?? []
  return backend === undefined ? undefined : ['backends', backends.get(backend) ?? lower(backend), 'model']
}

/** Settings of a backend that is not installed. */
function pathOfStranger(name: string): readonly string[] | undefined {
  const [, backend, key] = STRANGER.exec(name) ?? []
  return backend === undefined ? undefined : ['backends', lower(backend), key!.toLowerCase()]
}

const STRANGER =
  /^CLINVK_BACKENDS_([A-Z0-9_]+)_(ENABLED|MODEL|APPROVAL_MODE|SANDBOX_MODE|ALLOWED_TOOLS|SYSTEM_PROMPT|EXTRA_FLAGS)$/

function shortName(backend: string): string {
  return backend.replaceAll('-', '_').toUpperCase()
}

function lower(backend: string): string {
  return backend.replaceAll('_', '-').toLowerCase()
}
