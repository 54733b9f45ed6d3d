import {dirname} from 'node:path'
import {commandRule, denialOf, firstText, isOutside} from 'clinvk-backend-sdk'
import type {Denial, Turn} from 'clinvk-contract'
import type {Part} from './messages.js'
import {EDITORS} from './permissions.js'

/**
 * A tool use that was denied, with the flags of clinvk that would have allowed it,
 * or undefined when the tool failed for another reason. A tool that is denied
 * altogether is not offered, and then the model's call of it is "unavailable".
 */
export function denial({state = {}, tool = ''}: Part, turn: Turn): Denial | undefined {
  const {error = '', input} = state
  const isReadOnly = turn.sandbox === 'read-only'
  const isRejected = DENIED.test(error)
  if (!isRejected && !(isReadOnly && error.startsWith('Model tried to call unavailable tool')))
    return undefined
  const target = toolTarget(input)
  // What a rule forbids, no flag allows.
  if (isRejected && !error.startsWith(REJECTED) && !isReadOnly) return {tool, target}
  return denialOf(tool, target, turn, missingFlags(tool, target, turn))
}

/** What a tool works on, for people. */
export function toolTarget(input: unknown): string | undefined {
  return firstText(input, TARGETS)
}

function missingFlags(tool: string, target: string | undefined, turn: Turn): string[] {
  if (tool === 'bash') return ['--allowed-tools', commandRule(tool, target)]
  const isFile = EDITORS.has(tool) || READERS.has(tool)
  const isElsewhere = isFile && target !== undefined && isOutside(target, turn)
  return [
    ...(EDITORS.has(tool) && turn.approval !== 'auto' ? ['--approval-mode', 'auto'] : []),
    ...(isFile ? [] : ['--allowed-tools', tool]),
    ...(isElsewhere ? ['--add-dir', dirname(target)] : []),
  ]
}

const REJECTED = 'The user rejected permission to use this specific tool call'
const DENIED = /^The user (?:rejected permission|has specified a rule which prevents you)/
const READERS = new Set(['read', 'list', 'glob', 'grep'])

const TARGETS = [
  'filePath', 'command', 'path', 'pattern', 'url', 'query', 'name', 'description', 'prompt',
] // prettier-ignore
