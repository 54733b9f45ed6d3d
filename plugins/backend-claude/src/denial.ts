import {denialOf, firstText, isOutside} from 'clinvk-backend-sdk'
import type {Denial, Turn} from 'clinvk-contract'

/** A denied tool use, with the flags of clinvk that would have allowed it, where there are any. */
export function denial(tool: string, input: unknown, turn: Turn): Denial {
  const target = toolTarget(input)
  const [flag, value] = EDITORS.has(tool) ? toEdit(tool, target, turn) : toUse(tool, target, turn)
  // Where the turn had this flag already, nothing short of full access helps: claude 2.1.197
  // guards `.git`, `.claude`, `.bashrc` in every other mode.
  const isGiven = flag === '--approval-mode' ? turn.approval === value : turn.allowedTools.includes(value)
  return isGiven && turn.sandbox !== 'read-only'
    ? {tool, target}
    : denialOf(tool, target, turn, [flag, value])
}

type Flag = readonly [name: string, value: string]

/** In the directories of the turn one mode allows every edit; elsewhere a rule allows this one. */
function toEdit(tool: string, target: string | undefined, turn: Turn): Flag {
  if (target === undefined || !isOutside(target, turn)) return ['--approval-mode', 'auto']
  return ['--allowed-tools', PLAIN.test(target) ? `Edit(/${target})` : tool]
}

/** A rule for one command allows that command; what it did not allow, or cannot say, needs one for the tool. */
function toUse(tool: string, target: string | undefined, {allowedTools}: Turn): Flag {
  const rule = tool === 'Bash' && target !== undefined && isOneCommand(target) ? `Bash(${target})` : tool
  return ['--allowed-tools', allowedTools.includes(rule) ? tool : rule]
}

/**
 * Whether claude takes the command's own text as a rule for it. Seen with
 * 2.1.197: not with operators, redirections and backslashes, and not where it
 * reaches out of the directory; a `*` in a rule would allow more than it says.
 */
function isOneCommand(command: string): boolean {
  return command.length <= 80 && PLAIN.test(command) && !/(?:^|[^\w.-])\/|\.\./.test(command)
}

/** Text that means itself in a rule. */
const PLAIN = /^[\w@%+=:,.'" /-]+$/
const EDITORS = new Set(['Edit', 'MultiEdit', 'NotebookEdit', 'Write'])

/** What a tool works on, for people. */
export function toolTarget(input: unknown): string | undefined {
  return firstText(input, TARGETS)
}

const TARGETS = ['file_path', 'notebook_path', 'path', 'command', 'pattern', 'url', 'query', 'description']
