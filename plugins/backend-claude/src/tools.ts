import type {Denial, Turn} from 'clinvk-kit/contract'
import {dirname, isAbsolute, relative} from 'node:path'

/** What a tool works on, for people: the one field of its input that says it. */
export function toolTarget(input: unknown): string | undefined {
  if (typeof input !== 'object' || input === null) return undefined
  for (const field of TARGETS) {
    const value = (input as Record<string, unknown>)[field]
    if (typeof value === 'string' && value !== '') return value
  }

  return undefined
}

/** A denied tool use, with the flags of clinvk that would have allowed it. */
export function denial(tool: string, input: unknown, turn: Turn): Denial {
  const target = toolTarget(input)
  return {tool, ...(target === undefined ? {} : {target}), allow: flagsFor(tool, target, turn)}
}

function flagsFor(tool: string, target: string | undefined, turn: Turn): string[] {
  const {addDirs, cwd, sandbox} = turn
  // Plan mode denies whatever else is allowed.
  const lift = sandbox === 'read-only' ? ['--sandbox-mode', 'default'] : []
  if (EDITORS.has(tool)) {
    const outside =
      target !== undefined && ![cwd, ...addDirs].some((directory) => isInside(target, directory))
    return [...lift, ...given({...turn, approval: 'auto'}), ...(outside ? ['--add-dir', dirname(target)] : [])]
  }

  // A rule for one command allows that command; one that would not survive as a rule allows the tool.
  const rule =
    tool === 'Bash' && target !== undefined && /^[^()\n]{1,80}$/.test(target) ? `Bash(${target})` : tool
  return [...lift, ...given(turn), '--allowed-tools', rule]
}

/** The rights that this turn had; whoever goes on with more keeps them. */
function given({addDirs, allowedTools, approval}: Turn): string[] {
  return [
    ...(approval === 'auto' ? ['--approval-mode', 'auto'] : []),
    ...allowedTools.flatMap((tools) => ['--allowed-tools', tools]),
    ...addDirs.flatMap((directory) => ['--add-dir', directory]),
  ]
}

function isInside(path: string, directory: string): boolean {
  if (!isAbsolute(path)) return true
  const way = relative(directory, path)
  return !way.startsWith('..') && !isAbsolute(way)
}

const TARGETS = [
  'file_path',
  'notebook_path',
  'path',
  'command',
  'pattern',
  'url',
  'query',
  'description',
] as const
const EDITORS = new Set(['Edit', 'MultiEdit', 'NotebookEdit', 'Write'])
