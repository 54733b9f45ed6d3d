import {contradiction} from 'clinvk-backend-sdk'
import type {Refusal, Turn} from 'clinvk-contract'

export interface Permissions {
  readonly kind: 'permissions'
  /** Allow what would be asked for. */
  readonly askNothing: boolean
  /** Rules on top of what the user's settings say, in the order in which they count. */
  readonly permission: PermissionConfig
}

/**
 * What a turn may do, in opencode's terms (1.18). Headless, what it would ask for is
 * denied, and by default it asks for little: files outside of the directory, `.env`,
 * a model that repeats itself.
 */
export function permissionsOf({addDirs, allowedTools, approval, sandbox}: Turn): Permissions | Refusal {
  const permission: Record<string, Record<string, Action>> = {}
  const add = (name: string, pattern: string, action: Action) => {
    permission[name] = {...permission[name], [pattern]: action}
  }

  if (sandbox === 'read-only') {
    if (approval === 'auto') {
      return contradiction(
        '--approval-mode auto --sandbox-mode read-only',
        'the one lets OpenCode edit files, the other forbids it',
      )
    }

    if (allowedTools.length > 0) {
      return contradiction(
        '--allowed-tools with --sandbox-mode read-only',
        'the one lets OpenCode use a tool, the other takes away every tool that is not for reading',
      )
    }

    add('*', '*', 'deny')
    for (const tool of READING) add(tool, '*', 'allow')
    for (const [pattern, action] of SECRETS) add('read', pattern, action)
  }

  if (approval === 'auto') add('edit', '*', 'allow')
  for (const rule of allowedTools) {
    const [, name = '', pattern = '*'] = RULE.exec(rule) ?? []
    if (name === '') {
      return {
        kind: 'refusal',
        option: `--allowed-tools ${rule}`,
        reason: 'OpenCode knows permissions by name, with or without a pattern: bash, "bash(git *)"',
        instead: 'Names are bash, edit, read, webfetch, task and the names of other tools.',
      }
    }

    if (pattern !== '*' && FLAT.has(name)) {
      return {
        kind: 'refusal',
        option: `--allowed-tools ${rule}`,
        reason: `OpenCode has no patterns for ${name}`,
        instead: `Allow it altogether: --allowed-tools ${name}`,
      }
    }

    add(EDITORS.has(name) ? 'edit' : name, pattern, 'allow')
  }

  for (const directory of addDirs) {
    add('external_directory', directory, 'allow')
    add('external_directory', `${directory}/*`, 'allow')
  }

  return {kind: 'permissions', askNothing: sandbox === 'full', permission: flat(permission)}
}

/** opencode has one permission for every tool that changes files. */
export const EDITORS: ReadonlySet<string> = new Set(['edit', 'write', 'patch', 'apply_patch', 'multiedit'])

const READING = ['read', 'glob', 'grep', 'list', 'lsp', 'skill', 'todoread', 'todowrite']
/** The defaults of opencode, where nobody can be asked. */
const SECRETS = [
  ['*.env', 'deny'],
  ['*.env.*', 'deny'],
  ['*.env.example', 'allow'],
] as const
/** Its settings take no patterns for these. */
const FLAT = new Set(['doom_loop', 'question', 'todowrite', 'webfetch', 'websearch'])
const RULE = /^([\w*-]+)(?:\((.+)\))?$/s

/** A permission of opencode: one action for all, or by pattern. Of the rules that match, the last one counts. */
export type PermissionConfig = Readonly<Record<string, Action | Readonly<Record<string, Action>>>>

export type Action = 'allow' | 'ask' | 'deny'

/** The rules, and after them what others deny, which stays denied whatever is allowed. */
export function appendDenies(
  rules: PermissionConfig,
  others: readonly (PermissionConfig | string | undefined)[],
): PermissionConfig {
  let result: Readonly<Record<string, Readonly<Record<string, Action>>>> = {}
  for (const [name, rule] of Object.entries(rules)) result = {...result, [name]: byPattern(rule)}
  for (const other of others) {
    for (const [name, rule] of Object.entries(
      typeof other === 'string' ? {'*': other as Action} : (other ?? {}),
    )) {
      const denied = Object.entries(byPattern(rule)).filter(([, action]) => action === 'deny')
      if (denied.length === 0) continue
      // The last rule that matches counts, so a rule that is set again must come last.
      const patterns = {
        ...without(
          result[name] ?? {},
          denied.map(([pattern]) => pattern),
        ),
        ...Object.fromEntries(denied),
      }
      result = {...without(result, [name]), [name]: patterns}
    }
  }

  return flat(result)
}

/** An action for all without its pattern: some permissions take it in no other way. */
function flat(rules: Readonly<Record<string, Readonly<Record<string, Action>>>>): PermissionConfig {
  return Object.fromEntries(
    Object.entries(rules).map(([name, patterns]) => {
      const {'*': all, ...others} = patterns
      return [name, all !== undefined && Object.keys(others).length === 0 ? all : patterns]
    }),
  )
}

function without<T>(record: Readonly<Record<string, T>>, names: readonly string[]): Record<string, T> {
  return Object.fromEntries(Object.entries(record).filter(([name]) => !names.includes(name)))
}

function byPattern(rule: Action | Readonly<Record<string, Action>>): Record<string, Action> {
  return typeof rule === 'string' ? {'*': rule} : {...rule}
}
