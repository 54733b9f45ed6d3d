import {dirname} from 'node:path'
import {commandRule, denialOf, firstText, isOutside} from 'clinvk-backend-sdk'
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
  const isOutOfReach = error?.message?.startsWith('Path not in workspace') ?? false
  if (!isHidden && error?.type !== 'policy_violation' && !isOutOfReach) return undefined
  const target = toolTarget(parameters)
  return denialOf(tool, target, turn, missingFlags(tool, target, turn))
}

/** What a tool works on, for people. */
export function toolTarget(input: unknown): string | undefined {
  return firstText(input, TARGETS)
}

function missingFlags(tool: string, target: string | undefined, turn: Turn): string[] {
  const isEditor = EDITORS.has(tool)
  const isReader = READERS.has(tool)
  const isElsewhere = (isEditor || isReader) && target !== undefined && isOutside(target, turn)
  const needsFlag = turn.sandbox !== 'full' && !isReader
  return [
    ...(needsFlag && isEditor && turn.approval !== 'auto' ? ['--approval-mode', 'auto'] : []),
    ...(needsFlag && !isEditor ? ['--allowed-tools', tool === SHELL ? commandRule(tool, target) : tool] : []),
    ...(isElsewhere ? ['--add-dir', tool === 'list_directory' ? target : dirname(target)] : []),
  ]
}

/** Tools that change files. */
const EDITORS: ReadonlySet<string> = new Set(['replace', 'write_file'])
const SHELL = 'run_shell_command'
const READERS = new Set(['list_directory', 'read_file', 'glob', 'grep_search', 'read_many_files'])
/** Tools that would ask, and so are not there when nobody can answer. */
const ASKED_FOR = new Set([...EDITORS, SHELL, 'activate_skill', 'save_memory', 'web_fetch'])

const TARGETS = [
  'file_path', 'dir_path', 'path', 'command', 'pattern', 'query', 'prompt', 'name', 'agent_name',
] // prettier-ignore
