import {isAbsolute, relative} from 'node:path'
import type {Denial, Turn} from 'clinvk-contract'

/** A denied tool use; without `allow` where no flag of clinvk would have allowed it. */
export function denialOf(tool: string, target: string | undefined, allow: readonly string[] = []): Denial {
  return {tool, target, allow: allow.length === 0 ? undefined : allow}
}

/** The flags of this turn that allow something: whoever continues with more keeps them. */
export function currentFlags({addDirs, allowedTools, approval}: Turn): string[] {
  return [
    ...(approval === 'auto' ? ['--approval-mode', 'auto'] : []),
    ...allowedTools.flatMap((tools) => ['--allowed-tools', tools]),
    ...addDirs.flatMap((directory) => ['--add-dir', directory]),
  ]
}

/** Whether a path is in none of the directories that the agent may use. */
export function isOutside(path: string, {addDirs, cwd}: Turn): boolean {
  return ![cwd, ...addDirs].some((directory) => isInside(path, directory))
}

/** A relative path counts as inside. */
export function isInside(path: string, directory: string): boolean {
  if (!isAbsolute(path)) return true
  const way = relative(directory, path)
  return !way.startsWith('..') && !isAbsolute(way)
}
