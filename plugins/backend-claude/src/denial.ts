import type {Denial, Turn} from 'clinvk-contract'
import {isAbsolute, relative} from 'node:path'
import {toolTarget} from './tools.js'

/** A denied tool use, with the flags of clinvk that would have allowed it, where there are any. */
export function denial(tool: string, input: unknown, turn: Turn): Denial {
  const target = toolTarget(input)
  const needed = EDITORS.has(tool) ? toEdit(tool, target, turn) : toUse(tool, target, turn)
  // Plan mode denies whatever else is allowed.
  const isReadOnly = turn.sandbox === 'read-only'
  const missing = isReadOnly || !isGiven(needed, turn)
  const lift = isReadOnly ? ['--sandbox-mode', 'default'] : []
  return {
    tool,
    ...(target === undefined ? {} : {target}),
    ...(missing ? {allow: [...lift, ...given(turn), ...needed]} : {}),
  }
}

/** A right: a flag and its value. */
type Right = readonly [flag: string, value: string]

/** In the directories of the turn one mode allows every edit; elsewhere a rule allows this one. */
function toEdit(tool: string, target: string | undefined, {addDirs, cwd}: Turn): Right {
  const isOutside =
    target !== undefined && ![cwd, ...addDirs].some((directory) => isInside(target, directory))
  if (!isOutside) return ['--approval-mode', 'auto']
  return ['--allowed-tools', PLAIN.test(target) ? `Edit(/${target})` : tool]
}

/** A rule for one command allows that command; what it did not allow, or cannot say, needs one for the tool. */
function toUse(tool: string, target: string | undefined, {allowedTools}: Turn): Right {
  const rule = tool === 'Bash' && target !== undefined && isOneCommand(target) ? `Bash(${target})` : tool
  return ['--allowed-tools', allowedTools.includes(rule) ? tool : rule]
}

/**
 * Whether the turn had this right already. Then nothing short of full access
 * helps: claude 2.1.197 guards `.git`, `.claude`, `.bashrc` in every other mode.
 */
function isGiven([flag, value]: Right, {allowedTools, approval}: Turn): boolean {
  return flag === '--approval-mode' ? approval === value : allowedTools.includes(value)
}

/** The rights that this turn had; whoever goes on with more keeps them. */
function given({addDirs, allowedTools, approval}: Turn): string[] {
  return [
    ...(approval === 'auto' ? ['--approval-mode', 'auto'] : []),
    ...allowedTools.flatMap((tools) => ['--allowed-tools', tools]),
    ...addDirs.flatMap((directory) => ['--add-dir', directory]),
  ]
}

/**
 * Whether claude takes the command's own text as a rule for it. Seen with
 * 2.1.197: not with operators, redirections and backslashes, and not where it
 * reaches out of the directory; a `*` in a rule would allow more than it says.
 */
function isOneCommand(command: string): boolean {
  return command.length <= 80 && PLAIN.test(command) && !/(?:^|[^\w.-])\/|\.\./.test(command)
}

function isInside(path: string, directory: string): boolean {
  if (!isAbsolute(path)) return true
  const way = relative(directory, path)
  return !way.startsWith('..') && !isAbsolute(way)
}

/** Text that means itself in a rule. */
const PLAIN = /^[\w@%+=:,.'" /-]+$/
const EDITORS = new Set(['Edit', 'MultiEdit', 'NotebookEdit', 'Write'])
