import type {ApprovalMode, SandboxMode} from 'clinvk-contract'
import {isRecord, type Entry} from './check.js'
import {placeOf} from './problem.js'

/** Removes from a project's file what a project may not set, and names it in one warning. */
export function onlyAllowed(value: unknown, file: string): {allowed: unknown; warnings: string[]} {
  const ignored: string[] = []
  const filtered = (part: unknown, path: readonly string[]): unknown => {
    if (!isRecord(part)) return part
    const entries = Object.entries(part).flatMap(([key, child]): [string, unknown][] => {
      const at = [...path, key]
      const rules = ALLOWED.filter((rule) =>
        at.every((name, index) => rule[index] === name || rule[index] === '*'),
      )
      if (rules.some(({length}) => length === at.length)) return [[key, child]]
      if (rules.length > 0) return [[key, filtered(child, at)]]
      ignored.push(...keysBelow(child, at))
      return []
    })
    return Object.fromEntries(entries)
  }

  const allowed = filtered(value, [])
  if (ignored.length === 0) return {allowed, warnings: []}
  const names = ignored.slice(0, MOST_NAMES).join(', ')
  const others = ignored.length > MOST_NAMES ? ` and ${ignored.length - MOST_NAMES} more` : ''
  const verb = ignored.length === 1 ? 'is' : 'are'
  return {allowed, warnings: [`${file}: ${names}${others} ${verb} ignored: ${PROJECT_RULE}.`]}
}

/** What a project changes on top of the user's own settings, and what it may not change. */
export interface ProjectEffect {
  readonly entries: readonly Entry[]
  readonly warnings: readonly string[]
}

/**
 * Applies a project's settings. Permissions are compared for each backend as they
 * are in the end, so that a setting of one backend cannot evade one for all.
 * `user` begins with the defaults; `backends` says which installed ones have the sandbox mode `workspace`.
 */
export function projectEffect(
  user: readonly Entry[],
  project: readonly Entry[],
  backends: ReadonlyMap<string, boolean>,
): ProjectEffect {
  const mine = permissionsIn(user)
  const wanted = permissionsIn(project)
  const names = new Set([undefined, ...backends.keys(), ...mine.keys(), ...wanted.keys()])
  const results = new Map(
    [...names].map((name) => {
      const hasWorkspace = name !== undefined && backends.get(name) === true
      return [name, restrict(permissionsOf(mine, name), permissionsOf(wanted, name), hasWorkspace)]
    }),
  )
  const resultOf = (name: unknown) => results.get(String(name)) ?? results.get(undefined)!

  const refusal = ({path, value}: Entry): string | undefined => {
    if (path[0] === 'default_backend') {
      const usual = user.findLast((entry) => entry.path[0] === 'default_backend')?.value
      if (backends.size > 0 && !backends.has(String(value))) return `no backend ${String(value)} is installed`
      return isAsStrict(resultOf(value), resultOf(usual))
        ? undefined
        : `${String(value)} may do more than ${String(usual)}, your default backend`
    }

    const permission = permissionAt(path)
    const before = permission && permissionsOf(mine, permission.backend)[permission.key]
    return !permission || value === before || isStricter(permission.key, String(value), before!)
      ? undefined
      : `a project may only be stricter than your settings, which say ${before!}`
  }

  const warnings = project.flatMap((entry) => {
    const reason = refusal(entry)
    return reason === undefined
      ? []
      : [`${placeOf(entry.source)}: ${entry.path.join('.')} is ignored: ${reason}.`]
  })
  const entries = project.filter((entry) => !permissionAt(entry.path) && refusal(entry) === undefined)
  for (const [name, result] of results) {
    const before = name === undefined ? permissionsOf(mine) : {...resultOf(undefined), ...mine.get(name)}
    const section = name === undefined ? ['unified_flags'] : ['backends', name]
    for (const key of PERMISSIONS) {
      const path = [...section, key]
      if (result[key] !== before[key])
        entries.push({path, value: result[key], source: causeOf(path, project).source})
    }
  }

  return {entries, warnings}
}

interface Permissions {
  readonly approval_mode: ApprovalMode
  readonly sandbox_mode: SandboxMode
}

/** By backend; undefined stands for all of them. */
type PermissionTable = ReadonlyMap<string | undefined, Partial<Permissions>>

function permissionsIn(entries: readonly Entry[]): PermissionTable {
  const table = new Map<string | undefined, Partial<Permissions>>()
  for (const {path, value} of entries) {
    const {backend, key} = permissionAt(path) ?? {}
    if (key) table.set(backend, {...table.get(backend), [key]: value})
  }

  return table
}

/** The defaults must be in the table for the result to be complete. */
function permissionsOf(table: PermissionTable, backend?: string): Permissions {
  return {...table.get(undefined), ...table.get(backend)} as Permissions
}

function permissionAt(path: readonly string[]): {backend?: string; key: keyof Permissions} | undefined {
  const [section, backend] = path
  const key = PERMISSIONS.find((permission) => permission === path.at(-1))
  if (!key) return undefined
  if (section === 'unified_flags') return {key}
  return section === 'backends' && path.length === 3 ? {backend, key} : undefined
}

/** The permissions that remain when a project wants fewer; where it wants more, nothing changes. */
function restrict(mine: Permissions, wanted: Partial<Permissions>, hasWorkspace: boolean): Permissions {
  let {approval_mode: approval = mine.approval_mode, sandbox_mode: sandbox = mine.sandbox_mode} = wanted
  if (!isStricter('approval_mode', approval, mine.approval_mode)) approval = mine.approval_mode
  if (!isStricter('sandbox_mode', sandbox, mine.sandbox_mode)) sandbox = mine.sandbox_mode
  // Editing without asking contradicts changing nothing, and every backend refuses the pair.
  if (sandbox === 'read-only' && sandbox !== mine.sandbox_mode && approval === 'auto') approval = 'none'
  // Where the sandbox is a setting of its own, `auto` meant `workspace`; the agent's own choice may allow more.
  if (hasWorkspace && mine.approval_mode === 'auto' && approval !== 'auto' && sandbox === 'default')
    sandbox = 'read-only'
  return {approval_mode: approval, sandbox_mode: sandbox}
}

/** Whether an agent with the permissions `a` can do nothing that it cannot do with `b`. */
function isAsStrict(a: Permissions, b: Permissions): boolean {
  return PERMISSIONS.every((key) => a[key] === b[key] || isStricter(key, a[key], b[key]))
}

function isStricter(key: keyof Permissions, value: string, than: string): boolean {
  return STRICTER[key][than]?.includes(value) ?? false
}

/** The line of the project that decides about a permission: that of the backend, that for all, or a related one. */
function causeOf(path: readonly string[], project: readonly Entry[]): Entry {
  const at = (wanted: readonly string[]) => project.find((entry) => entry.path.join('.') === wanted.join('.'))
  return at(path) ?? at(['unified_flags', path.at(-1)!]) ?? project.find((entry) => permissionAt(entry.path))!
}

function keysBelow(value: unknown, path: readonly string[]): string[] {
  const entries = isRecord(value) ? Object.entries(value) : []
  if (entries.length === 0) return [path.join('.')]
  return entries.flatMap(([key, child]) => keysBelow(child, [...path, key]))
}

const PERMISSIONS = ['approval_mode', 'sandbox_mode'] as const

/** Nothing that starts another program or grants permissions; `*` is any backend. */
const ALLOWED: readonly (readonly string[])[] = [
  ['default_backend'],
  ['session', 'default_tags'],
  ...PERMISSIONS.flatMap((key) => [
    ['unified_flags', key],
    ['backends', '*', key],
  ]),
  ['backends', '*', 'model'],
]

const PROJECT_RULE =
  'a project may set only default_backend, session.default_tags, models, and a stricter approval_mode or sandbox_mode'

/**
 * For each value, the stricter ones, whatever the agent's own settings are. `default`
 * is the agent's own choice, which clinvk does not know: it is neither stricter nor
 * weaker than `auto` and `workspace`. `docs/reference/configuration.md` says this in words.
 */
const STRICTER: Record<keyof Permissions, Record<string, readonly string[] | undefined>> = {
  approval_mode: {always: [], none: ['always'], default: ['none', 'always'], auto: ['none', 'always']},
  sandbox_mode: {
    'read-only': [],
    workspace: ['read-only'],
    default: ['read-only'],
    full: ['read-only', 'workspace', 'default'],
  },
}

/** In one warning. */
const MOST_NAMES = 8
