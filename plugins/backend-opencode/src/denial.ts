import {dirname} from 'node:path'
import {currentFlags, denialOf, firstText, isOutside} from 'clinvk-backend-sdk'
import type {Denial, Turn} from 'clinvk-contract'
import type {Part, ToolState} from './lines.js'
import {EDITORS} from './permissions.js'

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
  // What a rule forbids, no flag allows.
  if (isRejected && !error.startsWith(REJECTED) && turn.sandbox !== 'read-only') return denialOf(tool, target)
  return denialOf(tool, target, [
    ...(turn.sandbox === 'read-only' ? ['--sandbox-mode', 'default'] : []),
    ...currentFlags(turn),
    ...missingFlags(tool, target, turn),
  ])
}

/** What a tool works on, for people. */
export function toolTarget(input: ToolState['input']): string | undefined {
  return firstText(input, TARGETS)
}

function missingFlags(tool: string, target: string | undefined, turn: Turn): string[] {
  if (tool === 'bash') return ['--allowed-tools', ruleFor(target)]
  const isFile = EDITORS.has(tool) || READERS.has(tool)
  const isElsewhere = isFile && target !== undefined && isOutside(target, turn)
  return [
    ...(EDITORS.has(tool) && turn.approval !== 'auto' ? ['--approval-mode', 'auto'] : []),
    ...(isFile ? [] : ['--allowed-tools', tool]),
    ...(isElsewhere ? ['--add-dir', dirname(target)] : []),
  ]
}

/** A rule for this command alone, where its text means itself in one. */
function ruleFor(command: string | undefined): string {
  return command !== undefined && command.length <= 80 && PLAIN.test(command) ? `bash(${command})` : 'bash'
}

const REJECTED = 'The user rejected permission to use this specific tool call'
const DENIED = /^The user (?:rejected permission|has specified a rule which prevents you)/
const UNAVAILABLE = 'Model tried to call unavailable tool'
const READERS = new Set(['read', 'list', 'glob', 'grep'])
const PLAIN = /^[\w@%+=:./ -]+$/

const TARGETS = [
  'filePath', 'command', 'path', 'pattern', 'url', 'query', 'name', 'description', 'prompt',
] // prettier-ignore
