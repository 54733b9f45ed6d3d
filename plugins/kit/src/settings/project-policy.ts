import type {ApprovalMode, SandboxMode} from 'clinvk-contract'
import {placeOf, type Checked, type Entry} from './check.js'

/** What is in force of a project's file, and the warnings about the rest. */
export interface ProjectEffect {
  readonly entries: readonly Entry[]
  readonly warnings: readonly string[]
}

/** Removes what a project may not set, and what is wrong with it; names it in one warning. */
export function allowedPart({entries, problems}: Checked, file: string): Checked & ProjectEffect {
  const isAllowed = (key: string) => ALLOWED.test(key)
  const keys = [...entries.map(({path}) => path.join('.')), ...problems.map(({key}) => key)]
  const ignored = keys.filter((key) => !isAllowed(key))
  const names = ignored.slice(0, MAX_NAMES).join(', ')
  const others = ignored.length > MAX_NAMES ? ` and ${ignored.length - MAX_NAMES} more` : ''
  const verb = ignored.length === 1 ? 'is' : 'are'
  return {
    entries: entries.filter(({path}) => isAllowed(path.join('.'))),
    problems: problems.filter(({key}) => isAllowed(key)),
    warnings: ignored.length > 0 ? [`${file}: ${names}${others} ${verb} ignored: ${PROJECT_RULE}.`] : [],
  }
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
  const names = new Set([ALL, ...backends.keys(), ...mine.keys(), ...wanted.keys()])
  const results = new Map(
    [...names].map((name) => {
      const hasWorkspace = backends.get(name) === true
      return [name, restrict(permissionsOf(mine, name), permissionsOf(wanted, name), hasWorkspace)]
    }),
  )
  const resultOf = (name: unknown) => results.get(String(name)) ?? results.get(ALL)!

  const refusal = ({path, value}: Entry): string | undefined => {
    if (path[0] === 'default_backend') {
      const usual = user.findLast((entry) => entry.path[0] === 'default_backend')?.value
      if (backends.size > 0 && !backends.has(String(value))) return 'no backend of that name is installed'
      const [theirs, ours] = [resultOf(value), resultOf(usual)]
      return PERMISSIONS.every((key) => isAsStrict(key, theirs[key], ours[key]))
        ? undefined
        : `that backend may do more than ${String(usual)}, your default one`
    }

    const permission = permissionAt(path)
    const before = permission && permissionsOf(mine, permission.backend)[permission.key]
    return !permission || isAsStrict(permission.key, String(value), before!)
      ? undefined
      : `a project may only be stricter than your settings, which say ${before!}`
  }

  const warnings = project.flatMap((entry) => {
    const reason = refusal(entry)
    return reason ? [`${placeOf(entry.source)}: ${entry.path.join('.')} is ignored: ${reason}.`] : []
  })
  const entries = project.filter((entry) => !permissionAt(entry.path) && !refusal(entry))
  for (const [name, result] of results) {
    const before = name === ALL ? permissionsOf(mine, ALL) : {...resultOf(ALL), ...mine.get(name)}
    for (const key of PERMISSIONS) {
      const path = name === ALL ? [ALL, key] : ['backends', name, key]
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

/** By backend, or ALL. */
type PermissionTable = ReadonlyMap<string, Partial<Permissions>>

function permissionsIn(entries: readonly Entry[]): PermissionTable {
  const table = new Map<string, Partial<Permissions>>()
  for (const {path, value} of entries) {
    const {backend, key} = permissionAt(path) ?? {}
    if (backend !== undefined) table.set(backend, {...table.get(backend), [key!]: value})
  }

  return table
}

/** The defaults must be in the table for the result to be complete. */
function permissionsOf(table: PermissionTable, backend: string): Permissions {
  return {...table.get(ALL), ...table.get(backend)} as Permissions
}

function permissionAt(path: readonly string[]): {backend: string; key: keyof Permissions} | undefined {
  const key = PERMISSIONS.find((permission) => permission === path.at(-1))
  if (!key) return undefined
  if (path[0] === ALL) return {backend: ALL, key}
  return path[0] === 'backends' && path.length === 3 ? {backend: path[1]!, key} : undefined
}

/** The permissions that remain when a project wants fewer; where it wants more, nothing changes. */
function restrict(mine: Permissions, wanted: Partial<Permissions>, hasWorkspace: boolean): Permissions {
  let {approval_mode: approval = mine.approval_mode, sandbox_mode: sandbox = mine.sandbox_mode} = wanted
  if (!isAsStrict('approval_mode', approval, mine.approval_mode)) approval = mine.approval_mode
  if (!isAsStrict('sandbox_mode', sandbox, mine.sandbox_mode)) sandbox = mine.sandbox_mode
  // Editing without asking contradicts changing nothing, and every backend refuses the pair.
  if (sandbox === 'read-only' && sandbox !== mine.sandbox_mode && approval === 'auto') approval = 'none'
  // Where the sandbox is a setting of its own, `auto` meant `workspace`; the agent's own choice may allow more.
  if (hasWorkspace && mine.approval_mode === 'auto' && approval !== 'auto' && sandbox === 'default')
    sandbox = 'read-only'
  return {approval_mode: approval, sandbox_mode: sandbox}
}

/** Whether an agent with this mode can do nothing that it cannot do with the other. */
function isAsStrict(key: keyof Permissions, mode: string, other: string): boolean {
  return mode === other || STRICTER[key][other]!.includes(mode)
}

/** The line of the project that decides about a permission: that of the backend, that for all, or a related one. */
function causeOf(path: readonly string[], project: readonly Entry[]): Entry {
  const at = (wanted: readonly string[]) => project.find((entry) => entry.path.join('.') === wanted.join('.'))
  return at(path) ?? at([ALL, path.at(-1)!]) ?? project.find((entry) => permissionAt(entry.path))!
}

const PERMISSIONS = ['approval_mode', 'sandbox_mode'] as const

/** The section for all backends, and so no backend's name. */
const ALL = 'unified_flags'

/** Keys that a project may set, their sections and items: nothing that starts another program or grants permissions. */
const ALLOWED =
  /^(?:default_backend|session(?:\.default_tags(?:\.\d+)?)?|unified_flags(?:\.(?:approval|sandbox)_mode)?|backends(?:\.[^.]+(?:\.(?:model|approval_mode|sandbox_mode))?)?)?$/

const PROJECT_RULE =
  'a project may set only default_backend, session.default_tags, models, and a stricter approval_mode or sandbox_mode'

/**
 * For each value, the stricter ones, whatever the agent's own settings are. `default`
 * is the agent's own choice, which clinvk does not know: it is neither stricter nor
 * weaker than `auto` and `workspace`. `docs/reference/configuration.md` says this in words.
 */
const STRICTER: Record<keyof Permissions, Record<string, readonly string[]>> = {
  approval_mode: {always: [], none: ['always'], default: ['none', 'always'], auto: ['none', 'always']},
  sandbox_mode: {
    'read-only': [],
    workspace: ['read-only'],
    default: ['read-only'],
    full: ['read-only', 'workspace', 'default'],
  },
}

const MAX_NAMES = 8
