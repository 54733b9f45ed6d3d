import type {Entry} from './check.js'
import {isRight, rightsIn, rightsOf} from './rights.js'
import {placeOf} from './source.js'
import {isAsStrict, isStricter, restrict, type Rights} from './stricter.js'

/** What a project may set at all: nothing that starts another program or hands out rights. */
export function isForProjects([section, second, third]: readonly string[]): boolean {
  switch (section) {
    case 'default_backend':
      return true
    case 'session':
      return second === 'default_tags'
    case 'unified_flags':
      return isRight(second)
    case 'backends':
      return third === 'model' || isRight(third)
    default:
      return false
  }
}

export const PROJECT_RULE =
  'a project may set only default_backend, session.default_tags, models, and a stricter approval_mode or sandbox_mode'

/** What comes of a project's settings on top of the user's own. */
export interface ProjectEffect {
  readonly entries: readonly Entry[]
  readonly warnings: readonly string[]
}

/**
 * Lets a project change what it may. Rights are compared for each backend as they
 * are in the end, so that a setting of one backend is no way around one for all.
 * `user` begins with the defaults.
 */
export function projectEffect(
  user: readonly Entry[],
  project: readonly Entry[],
  backends: ReadonlyMap<string, {readonly hasWorkspace: boolean}>,
): ProjectEffect {
  const now = rightsIn(user)
  const wish = rightsIn(project)
  const names = new Set([...backends.keys(), ...now.own.keys(), ...wish.own.keys()])
  const forAll = restrict(rightsOf(now), rightsOf(wish), false)
  const forEach = new Map(
    [...names].map((name) => [
      name,
      restrict(rightsOf(now, name), rightsOf(wish, name), backends.get(name)?.hasWorkspace ?? false),
    ]),
  )
  const rights = (name: unknown) => forEach.get(String(name)) ?? forAll

  const entries: Entry[] = []
  const warnings: string[] = []
  for (const entry of project) {
    const {path, value} = entry
    const key = path.at(-1)
    if (key === 'default_backend') {
      const usual = user.findLast((other) => other.path[0] === key)?.value
      if (backends.size > 0 && !backends.has(String(value)))
        warnings.push(ignored(entry, `no backend ${String(value)} is installed`))
      else if (isAsStrict(rights(value), rights(usual))) entries.push(entry)
      else
        warnings.push(
          ignored(entry, `${String(value)} may do more than ${String(usual)}, your default backend`),
        )
    } else if (isRight(key)) {
      const before = rightsOf(now, path[0] === 'backends' ? path[1] : undefined)[key]
      if (value !== before && !isStricter(key, value as Rights[typeof key], before))
        warnings.push(
          ignored(entry, `a project may only be stricter than your settings, which say ${before}`),
        )
    } else entries.push(entry)
  }

  const granted = (path: readonly string[], before: Rights, after: Rights): Entry[] =>
    (['approval_mode', 'sandbox_mode'] as const)
      .filter((key) => after[key] !== before[key])
      .map((key) => ({
        path: [...path, key],
        value: after[key],
        source: causeOf([...path, key], project).source,
      }))
  entries.push(...granted(['unified_flags'], rightsOf(now), forAll))
  for (const [name, after] of forEach)
    entries.push(...granted(['backends', name], {...forAll, ...now.own.get(name)}, after))
  return {entries, warnings}
}

/** The line of the project that decides about a right: that of the backend, that for all, or one that has it in its train. */
function causeOf(path: readonly string[], project: readonly Entry[]): Entry {
  const key = path.at(-1)
  const found =
    project.find((entry) => entry.path.join('.') === path.join('.')) ??
    project.find((entry) => entry.path[0] === 'unified_flags' && entry.path[1] === key)
  return found ?? project.find((entry) => isRight(entry.path.at(-1)))!
}

function ignored({path, source}: Entry, reason: string): string {
  return `${placeOf(source)}: ${path.join('.')} is ignored: ${reason}.`
}
