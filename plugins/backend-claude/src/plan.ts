import type {Host, Invocation, Refusal, Turn} from 'clinvk-contract'
import {permissionMode} from './permission-mode.js'
import {UNNESTED} from './unnested.js'

/**
 * The command line of Claude Code 2.1 for one turn. The prompt goes by stdin:
 * in argv it would be limited to 128 KiB, a leading `-` would be an option, and
 * `--add-dir` or `--allowedTools` before it would swallow it.
 */
export function plan(turn: Turn, host: Host): Invocation | Refusal {
  const taken = turn.extra.find((word) => OURS.has(word.split('=')[0]!))
  if (taken !== undefined) {
    return {
      kind: 'refusal',
      option: `--extra ${taken}`,
      reason: 'clinvk sets this option of claude itself and reads what comes of it',
      instead: 'Use the flag of clinvk that does it: clinvk prompt --help',
    }
  }

  const permission = permissionMode(turn, host)
  if (permission.kind === 'refusal') return permission
  const systemPrompt = systemPromptOptions(turn, host)
  return {
    kind: 'invocation',
    args: [
      '--print',
      '--output-format',
      'stream-json',
      '--verbose',
      '--include-partial-messages',
      ...sessionOptions(turn),
      ...(turn.model === undefined ? [] : ['--model', turn.model]),
      ...permission.args,
      ...systemPrompt.args,
      ...(turn.maxTurns === undefined ? [] : ['--max-turns', String(turn.maxTurns)]),
      ...turn.allowedTools.flatMap((tools) => ['--allowedTools', tools]),
      ...turn.addDirs.flatMap((directory) => ['--add-dir', directory]),
      ...turn.extra,
    ],
    stdin: asText(turn.prompt),
    env: UNNESTED,
    ...(systemPrompt.files ? {files: systemPrompt.files} : {}),
  }
}

function sessionOptions({session}: Turn): string[] {
  switch (session.kind) {
    case 'new':
      return ['--session-id', session.id]
    case 'resume':
      return ['--resume', session.id]
    case 'ephemeral':
      return ['--no-session-persistence']
  }
}

/** Linux takes at most 131,071 bytes an argument; a longer system prompt goes by a file. */
function systemPromptOptions({systemPrompt}: Turn, {scratch}: Host): Pick<Invocation, 'args' | 'files'> {
  if (systemPrompt === undefined) return {args: []}
  if (Buffer.byteLength(systemPrompt) < 100_000) return {args: ['--system-prompt', systemPrompt]}
  const path = `${scratch}/system-prompt.md`
  return {args: ['--system-prompt-file', path], files: [{path, content: systemPrompt}]}
}

/**
 * Claude takes a prompt that begins with `/` for one of its commands, which
 * never reaches the model: `/cost of living` is answered "Unknown command"
 * (seen with 2.1.197, in argv and stdin alike). A space before it makes it text.
 */
function asText(prompt: string): string {
  return prompt.startsWith('/') ? ` ${prompt}` : prompt
}

/** Options that decide what clinvk reads, or what it does itself. */
const OURS = new Set([
  '-p', '--print', '--output-format', '--input-format', '--verbose', '--include-partial-messages',
  '-c', '--continue', '-r', '--resume', '--session-id', '--fork-session', '--no-session-persistence',
  '--replay-user-messages', '-v', '--version', '-h', '--help',
]) // prettier-ignore
