import type {Entry} from './check.js'
import type {Rights} from './stricter.js'

/** Who may do what, by settings: all backends, and those that have rights of their own. */
export interface RightsTable {
  readonly all: Partial<Rights>
  readonly own: ReadonlyMap<string, Partial<Rights>>
}

/** The last entry of a key counts. */
export function rightsIn(entries: readonly Entry[]): RightsTable {
  let all: Partial<Rights> = {}
  const own = new Map<string, Partial<Rights>>()
  for (const {path, value} of entries) {
    const [section, name] = path
    const key = path.at(-1)
    if (!isRight(key)) continue
    if (section === 'unified_flags') all = {...all, [key]: value}
    else if (section === 'backends' && name !== undefined) own.set(name, {...own.get(name), [key]: value})
  }

  return {all, own}
}

/** The rights of one backend, or of every one without its own. The table must hold the defaults to be whole. */
export function rightsOf({all, own}: RightsTable, name?: string): Rights {
  return {...all, ...(name === undefined ? {} : own.get(name))} as Rights
}

export function isRight(key: string | undefined): key is keyof Rights {
  return key === 'approval_mode' || key === 'sandbox_mode'
}
