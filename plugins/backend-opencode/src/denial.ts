import {dirname, isAbsolute, relative} from 'node:path'
import type {Denial, Turn} from 'clinvk-contract'
import type {Part} from './lines.js'
import {EDITORS} from './rights.js'
import {toolTarget} from './tools.js'

/**
 * A tool use that was denied, with the flags of clinvk that would have allowed it,
 * or undefined when the tool failed for another reason. A tool that is denied
 * altogether is not offered, and then the model's call of it is "unavailable".
 */
export function denial({state = {}, tool = ''}: Part, turn: Turn): Denial | undefined {
  const {error = '', input} = state
  const isRejected = DENIED.test(error)
  const isHidden = turn.sandbox === 'read-only' && error.startsWith(UNAVAILABLE)
  if (!isRejected && !isHidden) return undefined
  const target = toolTarget(input)
  // What a rule forbids, nothing that is added allows.
  const allow =
    isRejected && !error.startsWith(REJECTED) && turn.sandbox !== 'read-only'
      ? []
      : allowOf(tool, target, turn)
  return {tool, ...(target === undefined ? {} : {target}), ...(allow.length === 0 ? {} : {allow})}
}

function allowOf(tool: string, target: string | undefined, turn: Turn): string[] {
  return [
    ...(turn.sandbox === 'read-only' ? ['--sandbox-mode', 'default'] : []),
    ...given(turn),
    ...missing(tool, target, turn),
  ]
}

/** The rights that this turn had; whoever goes on with more keeps them. */
function given({addDirs, allowedTools, approval}: Turn): string[] {
  return [
    ...(approval === 'auto' ? ['--approval-mode', 'auto'] : []),
    ...allowedTools.flatMap((tools) => ['--allowed-tools', tools]),
    ...addDirs.flatMap((directory) => ['--add-dir', directory]),
  ]
}

function missing(tool: string, target: string | undefined, {addDirs, approval, cwd}: Turn): string[] {
  if (tool === 'bash') return ['--allowed-tools', ruleFor(target)]
  const isFile = EDITORS.has(tool) || READERS.has(tool)
  const isOutside =
    isFile && target !== undefined && ![cwd, ...addDirs].some((directory) => isInside(target, directory))
  return [
    ...(EDITORS.has(tool) && approval !== 'auto' ? ['--approval-mode', 'auto'] : []),
    ...(isFile ? [] : ['--allowed-tools', tool]),
    ...(isOutside ? ['--add-dir', dirname(target)] : []),
  ]
}

/** A rule for this command alone, where its text means itself in one. */
function ruleFor(command: string | undefined): string {
  return command !== undefined && command.length <= 80 && PLAIN.test(command) ? `bash(${command})` : 'bash'
}

function isInside(path: string, directory: string): boolean {
  if (!isAbsolute(path)) return true
  const way = relative(directory, path)
  return !way.startsWith('..') && !isAbsolute(way)
}

const REJECTED = 'The user rejected permission to use this specific tool call'
const DENIED = /^The user (?:rejected permission|has specified a rule which prevents you)/
const UNAVAILABLE = 'Model tried to call unavailable tool'
const READERS = new Set(['read', 'list', 'glob', 'grep'])
const PLAIN = /^[\w@%+=:./ -]+$/
