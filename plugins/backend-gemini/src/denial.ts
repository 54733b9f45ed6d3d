import {dirname} from 'node:path'
import {currentFlags, denialOf, firstText, isOutside} from 'clinvk-backend-sdk'
import type {Denial, Turn} from 'clinvk-contract'
import type {Message} from './messages.js'

/**
 * A tool use that was denied, with the flags of clinvk that would have allowed
 * it, or undefined when the tool failed for another reason. Headless, gemini
 * 0.61.0 does not offer what it would have to ask for: "Tool not found".
 */
export function denial(call: Message, {error}: Message, turn: Turn): Denial | undefined {
  const {parameters, tool_name: tool = ''} = call
  const isHidden = error?.type === 'tool_not_registered' && ASKED_FOR.has(tool)
  const isForbidden = error?.type === 'policy_violation'
  const isOutOfReach = error?.message?.startsWith('Path not in workspace') ?? false
  if (!isHidden && !isForbidden && !isOutOfReach) return undefined

  const target = toolTarget(parameters)
  return denialOf(tool, target, [
    // Plan mode denies whatever else is allowed.
    ...(turn.sandbox === 'read-only' ? ['--sandbox-mode', 'default'] : []),
    ...(turn.sandbox === 'full' ? ['--sandbox-mode', 'full'] : []),
    ...currentFlags(turn),
    ...missingFlags(tool, target, turn),
  ])
}

/** What a tool works on, for people. */
export function toolTarget(input: Message['parameters']): string | undefined {
  return firstText(input, TARGETS)
}

function missingFlags(tool: string, target: string | undefined, turn: Turn): string[] {
  const isFile = EDITORS.has(tool) || READERS.has(tool)
  const isElsewhere = isFile && target !== undefined && isOutside(target, turn)
  const needsFlag = turn.sandbox !== 'full' && !READERS.has(tool)
  return [
    ...(needsFlag && EDITORS.has(tool) && turn.approval !== 'auto' ? ['--approval-mode', 'auto'] : []),
    ...(needsFlag && !EDITORS.has(tool) ? ['--allowed-tools', ruleFor(tool, target)] : []),
    ...(isElsewhere ? ['--add-dir', tool === 'list_directory' ? target : dirname(target)] : []),
  ]
}

/** A rule for this command alone, where its text means itself in one; a comma would end the rule. */
function ruleFor(tool: string, target: string | undefined): string {
  const isOneCommand = tool === SHELL && target !== undefined && target.length <= 80 && PLAIN.test(target)
  return isOneCommand ? `${SHELL}(${target})` : tool
}

/** Tools that change files. */
const EDITORS: ReadonlySet<string> = new Set(['replace', 'write_file'])
const SHELL = 'run_shell_command'
const READERS = new Set(['list_directory', 'read_file', 'glob', 'grep_search', 'read_many_files'])
/** Tools that would ask, and so are not there when nobody can answer. */
const ASKED_FOR = new Set([...EDITORS, SHELL, 'activate_skill', 'save_memory', 'web_fetch'])
const PLAIN = /^[\w@%+=:./ -]+$/

const TARGETS = [
  'file_path', 'dir_path', 'path', 'command', 'pattern', 'query', 'prompt', 'name', 'agent_name',
] // prettier-ignore
