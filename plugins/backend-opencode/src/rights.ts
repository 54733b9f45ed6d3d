import type {Refusal, Turn} from 'clinvk-contract'
import {type Action, flat, type PermissionConfig} from './permission-config.js'

export interface Rights {
  readonly kind: 'rights'
  /** Allow what would be asked for. */
  readonly askNothing: boolean
  /** Rules on top of what the user's settings say, in the order in which they count. */
  readonly permission: PermissionConfig
}

/**
 * What a turn may do, in opencode's terms (1.18). Headless, what it would ask for is
 * denied, and by its own standard it asks for little: files outside of the
 * directory, `.env`, a model that goes round in circles.
 */
export function rightsOf({addDirs, allowedTools, approval, sandbox}: Turn): Rights | Refusal {
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

  return {kind: 'rights', askNothing: sandbox === 'full', permission: flat(permission)}
}

function contradiction(option: string, reason: string): Refusal {
  return {kind: 'refusal', option, reason, instead: 'Leave out one of the two.'}
}

/** opencode has one permission for every tool that changes files. */
export const EDITORS: ReadonlySet<string> = new Set(['edit', 'write', 'patch', 'apply_patch', 'multiedit'])

const READING = ['read', 'glob', 'grep', 'list', 'lsp', 'skill', 'todoread', 'todowrite']
/** As opencode has it by itself, with nobody to be asked. */
const SECRETS = [
  ['*.env', 'deny'],
  ['*.env.*', 'deny'],
  ['*.env.example', 'allow'],
] as const
/** Its settings take no patterns for these. */
const FLAT = new Set(['doom_loop', 'question', 'todowrite', 'webfetch', 'websearch'])
const RULE = /^([\w*-]+)(?:\((.+)\))?$/s
