import {readOnlyRefusal, refusal} from 'clinvk-backend-sdk'
import type {Refusal, Turn} from 'clinvk-contract'

type Action = 'allow' | 'ask' | 'deny'
type Patterns = Readonly<Record<string, Action>>

/** A permission of opencode: one action for all, or by pattern. Of the rules that match, the last one counts. */
export type PermissionConfig = Readonly<Record<string, Action | Patterns>>

/**
 * What a turn may do, in opencode's terms (1.18): rules on top of what the user's settings say.
 * Headless, what it would ask for is denied, and by default it asks for little: files outside of
 * the directory, `.env`, a model that repeats itself.
 */
export function permissionsOf(
  turn: Turn,
): {readonly kind: 'permissions'; readonly permission: PermissionConfig} | Refusal {
  const {addDirs, allowedTools, approval, sandbox} = turn
  const rules: Record<string, Patterns> = {}
  const add = (name: string, patterns: Patterns) => (rules[name] = {...rules[name], ...patterns})
  if (sandbox === 'read-only') {
    if (approval === 'auto') return readOnlyRefusal('OpenCode')
    if (allowedTools.length > 0)
      return refusal(
        '--allowed-tools with --sandbox-mode read-only',
        'the one lets OpenCode use a tool, the other takes away every tool that is not for reading',
      )
    add('*', {'*': 'deny'})
    for (const tool of READING) add(tool, {'*': 'allow'})
    // The defaults of opencode, where nobody can be asked.
    add('read', {'*.env': 'deny', '*.env.*': 'deny', '*.env.example': 'allow'})
  }

  if (approval === 'auto') add('edit', {'*': 'allow'})
  for (const rule of allowedTools) {
    const [, name, pattern = '*'] = /^([\w*-]+)(?:\((.+)\))?$/s.exec(rule) ?? []
    if (name === undefined)
      return refusal(
        `--allowed-tools ${rule}`,
        'OpenCode knows permissions by name, with or without a pattern: bash, "bash(git *)"',
        'Names are bash, edit, read, webfetch, task and the names of other tools.',
      )
    if (pattern !== '*' && FLAT.has(name))
      return refusal(
        `--allowed-tools ${rule}`,
        `OpenCode has no patterns for ${name}`,
        `Allow it altogether: --allowed-tools ${name}`,
      )
    add(EDITORS.has(name) ? 'edit' : name, {[pattern]: 'allow'})
  }

  for (const directory of addDirs)
    add('external_directory', {[directory]: 'allow', [`${directory}/*`]: 'allow'})
  return {kind: 'permissions', permission: flat(rules)}
}

/** opencode has one permission for every tool that changes files. */
export const EDITORS: ReadonlySet<string> = new Set(['edit', 'write', 'patch', 'apply_patch', 'multiedit'])

const READING = ['read', 'glob', 'grep', 'list', 'lsp', 'skill', 'todoread', 'todowrite']
/** Its settings take no patterns for these. */
const FLAT = new Set(['doom_loop', 'question', 'todowrite', 'webfetch', 'websearch'])

/** The rules, and after them what others deny, which stays denied whatever is allowed. */
export function appendDenies(
  rules: PermissionConfig,
  others: readonly (PermissionConfig | string | undefined)[],
): PermissionConfig {
  const result = new Map(Object.entries(rules).map(([name, rule]) => [name, byPattern(rule)]))
  for (const other of others) {
    const config = typeof other === 'string' ? {'*': other as Action} : (other ?? {})
    for (const [name, rule] of Object.entries(config)) {
      const denied = Object.entries(byPattern(rule)).filter(([, action]) => action === 'deny')
      if (denied.length === 0) continue
      // The last rule that matches counts, so one that is set again must come last.
      const kept = Object.entries(result.get(name) ?? {}).filter(
        ([pattern]) => !denied.some(([other]) => other === pattern),
      )
      result.delete(name)
      result.set(name, Object.fromEntries([...kept, ...denied]))
    }
  }

  return flat(Object.fromEntries(result))
}

/** An action for all without its pattern: some permissions take it in no other way. */
function flat(rules: Readonly<Record<string, Patterns>>): PermissionConfig {
  return Object.fromEntries(
    Object.entries(rules).map(([name, patterns]) => [
      name,
      patterns['*'] !== undefined && Object.keys(patterns).length === 1 ? patterns['*'] : patterns,
    ]),
  )
}

function byPattern(rule: Action | Patterns): Patterns {
  return typeof rule === 'string' ? {'*': rule} : rule
}
