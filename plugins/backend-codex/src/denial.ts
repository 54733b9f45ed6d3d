import {dirname, resolve} from 'node:path'
import {isOutside, options, parseLine} from 'clinvk-backend-sdk'
import type {Denial, Turn} from 'clinvk-contract'
import type {RolloutLine} from './rollout.js'

/**
 * What codex has denied, from the lines of a turn. A patch is rejected in so many words. A command that ran
 * into the sandbox looks to the model like one that failed; where codex has recognised it, the item is
 * missing that every other command is completed with, and where the command took its time, only its output
 * tells (seen with 0.169.0).
 */
export function denialsOf(lines: readonly RolloutLine[], turn: Turn): Denial[] {
  const outputs = new Map<string, string>()
  const completed = new Set<string>()
  let writes = false
  for (const {payload = {}, type} of lines) {
    const {call_id: id, item, output, permission_profile: profile = ''} = payload
    if (id !== undefined && output !== undefined)
      outputs.set(id, typeof output === 'string' ? output : JSON.stringify(output))
    if (item?.id !== undefined) completed.add(item.id)
    if (type === 'turn_context') writes = JSON.stringify(profile).includes('"write"')
  }

  return lines.flatMap(({payload = {}}) => {
    const {arguments: args = '', call_id: id = '', input = '', name, type} = payload
    const output = outputs.get(id)
    if (output === undefined) return []
    if (type === 'custom_tool_call' && name === 'apply_patch' && PATCH_REJECTED.test(output)) {
      // The first file of a patch: `*** Add File: src/a.ts`.
      const file = /^\*\*\* (?:Add|Update|Delete) File: (.+)$/m.exec(input)?.[1]
      return denial('apply_patch', file, turn, writes)
    }

    // Newer models (gpt-5.6, gpt-6) write a script that uses the tools; of those codex keeps the output alone.
    if (type === 'custom_tool_call' && name === 'exec' && SANDBOXED.test(output))
      return denial('exec_command', undefined, turn, writes)
    if (type !== 'function_call' || name !== 'exec_command') return []
    const hasFailed = FAILED.test(output) && (!completed.has(id) || SANDBOXED.test(output))
    return hasFailed || ESCALATION.test(output)
      ? denial('exec_command', parseLine(args, {cmd: ''})?.cmd, turn, writes)
      : []
  })
}

/** The same from codex's log, which stands in for the file where none is kept; it does not say what was patched. */
export function deniedOnStderr(line: string, turn: Turn): Denial | undefined {
  if (!line.includes('codex_core::tools::router: error=')) return undefined
  if (PATCH_REJECTED.test(line)) return denial('apply_patch', undefined, turn, !line.includes('read-only'))
  const writes = turn.sandbox === 'workspace' || turn.approval === 'auto'
  return ESCALATION.test(line) ? denial('exec_command', undefined, turn, writes) : undefined
}

/** What would have allowed it: to write here, to write there, or no limits. */
function denial(tool: string, target: string | undefined, turn: Turn, writes: boolean): Denial {
  if (turn.sandbox === 'full') return {tool, target}
  const isElsewhere =
    tool === 'apply_patch' && target !== undefined && isOutside(resolve(turn.cwd, target), turn)
  const directories = [...turn.addDirs, ...(isElsewhere ? [dirname(target)] : [])]
  const mode = writes && !isElsewhere ? 'full' : 'workspace'
  return {tool, target, allow: options({'--sandbox-mode': mode, '--add-dir': directories})}
}

const PATCH_REJECTED = /patch rejected: .*rejected by user approval settings/
const ESCALATION = /cannot ask for escalated permissions/
const SANDBOXED = /Read-only file system|Operation not permitted/
const FAILED = /^Process exited with code [1-9]/m
