import {dirname, resolve} from 'node:path'
import {denialOf, isOutside} from 'clinvk-backend-sdk'
import type {Denial, Turn} from 'clinvk-contract'
import type {RolloutLine} from './rollout.js'

/**
 * What codex has denied, from the lines of a turn. A patch is rejected in so many
 * words. A command that ran into the sandbox looks to the model like one that
 * failed; where codex has recognised it, the item is missing that every other
 * command is completed with, and where the command took its time, only its
 * output tells (seen with 0.169.0).
 */
export function denialsOf(lines: readonly RolloutLine[], turn: Turn): Denial[] {
  const outputs = new Map<string, string>()
  const completed = new Set<string>()
  let writes = false
  for (const {payload, type} of lines) {
    if (payload?.call_id !== undefined && payload.output !== undefined) {
      outputs.set(payload.call_id, textOf(payload.output))
    }

    if (payload?.item?.id !== undefined) completed.add(payload.item.id)
    if (type === 'turn_context')
      writes = JSON.stringify(payload?.permission_profile ?? '').includes('"write"')
  }

  return lines.flatMap(({payload}) => {
    const {arguments: args, call_id: id = '', input, name, type} = payload ?? {}
    const output = outputs.get(id)
    if (output === undefined) return []
    if (type === 'custom_tool_call' && name === 'apply_patch' && PATCH_REJECTED.test(output)) {
      return denial('apply_patch', patchTarget(input), turn, writes)
    }

    // Newer models (gpt-5.6, gpt-6) write a script that uses the tools; of those codex keeps the output alone.
    if (type === 'custom_tool_call' && name === 'exec' && SANDBOXED.test(output)) {
      return denial('exec_command', undefined, turn, writes)
    }

    if (type === 'function_call' && name === 'exec_command') {
      const hasFailed = FAILED.test(output) && (!completed.has(id) || SANDBOXED.test(output))
      return hasFailed || ESCALATION.test(output) ? denial('exec_command', commandOf(args), turn, writes) : []
    }

    return []
  })
}

/** The same from codex's log, which stands in for the file where none is kept; it does not say what was patched. */
export function deniedOnStderr(line: string, turn: Turn): Denial | undefined {
  if (!line.includes('codex_core::tools::router: error=')) return undefined
  if (PATCH_REJECTED.test(line)) return denial('apply_patch', undefined, turn, !line.includes('read-only'))
  return ESCALATION.test(line) ? denial('exec_command', undefined, turn, isWriting(turn)) : undefined
}

/** What would have allowed it: to write here, to write there, or no limits. */
function denial(tool: string, target: string | undefined, turn: Turn, writes: boolean): Denial {
  if (turn.sandbox === 'full') return denialOf(tool, target)
  const isElsewhere =
    tool === 'apply_patch' && target !== undefined && isOutside(resolve(turn.cwd, target), turn)
  const directories = [...turn.addDirs, ...(isElsewhere ? [dirname(target)] : [])]
  const mode = writes && !isElsewhere ? 'full' : 'workspace'
  return denialOf(tool, target, [
    '--sandbox-mode',
    mode,
    ...directories.flatMap((directory) => ['--add-dir', directory]),
  ])
}

function isWriting({approval, sandbox}: Turn): boolean {
  return sandbox === 'workspace' || approval === 'auto'
}

function commandOf(args: string | undefined): string | undefined {
  try {
    const {cmd} = JSON.parse(args ?? '{}') as {cmd?: unknown}
    return typeof cmd === 'string' ? cmd : undefined
  } catch {
    return undefined
  }
}

/** The first file of a patch: `*** Add File: src/a.ts`. */
function patchTarget(patch: string | undefined): string | undefined {
  return /^\*\*\* (?:Add|Update|Delete) File: (.+)$/m.exec(patch ?? '')?.[1]
}

function textOf(output: unknown): string {
  return typeof output === 'string' ? output : JSON.stringify(output)
}

const PATCH_REJECTED = /patch rejected: .*rejected by user approval settings/
const ESCALATION = /cannot ask for escalated permissions/
const SANDBOXED = /Read-only file system|Operation not permitted/
const FAILED = /^Process exited with code [1-9]/m
