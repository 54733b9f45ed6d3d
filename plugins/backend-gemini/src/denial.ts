import type {Denial, Turn} from 'clinvk-contract'
import {dirname, isAbsolute, relative} from 'node:path'
import type {Message} from './messages.js'
import {EDITORS, toolTarget} from './tools.js'

/**
 * A tool use that was denied, with the flags of clinvk that would have allowed
 * it, or undefined when the tool failed for another reason. Headless, gemini
 * 0.61.0 does not offer what it would have to ask for: "Tool not found".
 */
export function denial(call: Message, {error}: Message, turn: Turn): Denial | undefined {
  const {parameters, tool_name: tool = ''} = call
  const isHidden = error?.type === 'tool_not_registered' && ASKED_FOR.has(tool)
  const isForbidden = error?.type === 'policy_violation'
  const isOutside = error?.message?.startsWith('Path not in workspace') ?? false
  if (!isHidden && !isForbidden && !isOutside) return undefined

  const target = toolTarget(parameters)
  const allow = [...lift(turn), ...given(turn), ...missing(tool, target, turn)]
  return {tool, ...(target === undefined ? {} : {target}), ...(allow.length === 0 ? {} : {allow})}
}

/** Plan mode denies whatever else is allowed. */
function lift({sandbox}: Turn): string[] {
  return sandbox === 'read-only' ? ['--sandbox-mode', 'default'] : []
}

/** The rights that this turn had; whoever goes on with more keeps them. */
function given({addDirs, allowedTools, approval, sandbox}: Turn): string[] {
  return [
    ...(sandbox === 'full' ? ['--sandbox-mode', 'full'] : []),
    ...(approval === 'auto' ? ['--approval-mode', 'auto'] : []),
    ...allowedTools.flatMap((tools) => ['--allowed-tools', tools]),
    ...addDirs.flatMap((directory) => ['--add-dir', directory]),
  ]
}

function missing(
  tool: string,
  target: string | undefined,
  {addDirs, approval, cwd, sandbox}: Turn,
): string[] {
  const isFile = EDITORS.has(tool) || READERS.has(tool)
  const isOutside =
    isFile && target !== undefined && ![cwd, ...addDirs].some((directory) => isInside(target, directory))
  const needsRight = sandbox !== 'full' && !READERS.has(tool)
  return [
    ...(needsRight && EDITORS.has(tool) && approval !== 'auto' ? ['--approval-mode', 'auto'] : []),
    ...(needsRight && !EDITORS.has(tool) ? ['--allowed-tools', ruleFor(tool, target)] : []),
    ...(isOutside ? ['--add-dir', tool === 'list_directory' ? target : dirname(target)] : []),
  ]
}

/** A rule for this command alone, where its text means itself in one; a comma would end the rule. */
function ruleFor(tool: string, target: string | undefined): string {
  const isOneCommand = tool === SHELL && target !== undefined && target.length <= 80 && PLAIN.test(target)
  return isOneCommand ? `${SHELL}(${target})` : tool
}

function isInside(path: string, directory: string): boolean {
  if (!isAbsolute(path)) return true
  const way = relative(directory, path)
  return !way.startsWith('..') && !isAbsolute(way)
}

const SHELL = 'run_shell_command'
const READERS = new Set(['list_directory', 'read_file', 'glob', 'grep_search', 'read_many_files'])
/** Tools that would ask, and so are not there when nobody can answer. */
const ASKED_FOR = new Set([...EDITORS, SHELL, 'activate_skill', 'save_memory', 'web_fetch'])
const PLAIN = /^[\w@%+=:./ -]+$/
