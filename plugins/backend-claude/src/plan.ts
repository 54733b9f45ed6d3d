import {contradiction, extraRefusal, unset} from 'clinvk-backend-sdk'
import type {Conversation, Host, InteractiveWish, Invocation, Program, Refusal, Turn} from 'clinvk-contract'

/**
 * The command line of Claude Code 2.1 for one turn. The prompt goes by stdin:
 * in argv it would be limited to 128 KiB, a leading `-` would be an option, and
 * `--add-dir` or `--allowedTools` before it would swallow it.
 */
export function plan(turn: Turn, host: Host): Invocation | Refusal {
  const reserved = turn.extra.find((word) => RESERVED.has(word.split('=')[0]!))
  if (reserved !== undefined) return extraRefusal('claude', reserved)
  const mode = permissionMode(turn, host)
  if (typeof mode === 'object') return mode
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
      ...(mode === undefined ? [] : ['--permission-mode', mode]),
      ...systemPrompt.args,
      ...(turn.maxTurns === undefined ? [] : ['--max-turns', String(turn.maxTurns)]),
      ...turn.allowedTools.flatMap((tools) => ['--allowedTools', tools]),
      ...turn.addDirs.flatMap((directory) => ['--add-dir', directory]),
      ...turn.extra,
    ],
    stdin: asText(turn.prompt),
    env: CLEAN_ENV,
    files: systemPrompt.files,
  }
}

/** Claude Code 2.1.197 resumes a conversation only in the directory that it was made in. */
export function interactive({id}: Conversation, {model}: InteractiveWish): Program {
  return {
    kind: 'program',
    args: ['--resume', id, ...(model === undefined ? [] : ['--model', model])],
    env: CLEAN_ENV,
  }
}

/**
 * Claude has one permission mode for both approval and sandbox, so some pairs of them
 * contradict each other. Headless it never asks: what would need a question is denied.
 */
function permissionMode({approval, sandbox}: Turn, host: Host): string | undefined | Refusal {
  switch (sandbox) {
    case 'read-only':
      if (approval !== 'auto') return 'plan'
      return contradiction(
        '--approval-mode auto --sandbox-mode read-only',
        'the one lets Claude Code edit files, the other forbids it',
      )
    case 'full':
      // As root claude itself refuses, unless it is told that the machine is a sandbox.
      if (!host.isRoot || host.env.IS_SANDBOX === '1') return 'bypassPermissions'
      return {
        kind: 'refusal',
        option: '--sandbox-mode full',
        reason: 'Claude Code does not run without limits as root',
        instead: 'Run it as another user, or set IS_SANDBOX=1 when this machine is a sandbox.',
      }
    default:
      if (approval === 'auto') return 'acceptEdits'
      return approval === 'none' ? 'dontAsk' : undefined
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

/** Options that decide what clinvk reads, or that it sets itself. */
const RESERVED = new Set([
  '-p', '--print', '--output-format', '--input-format', '--verbose', '--include-partial-messages',
  '-c', '--continue', '-r', '--resume', '--session-id', '--fork-session', '--no-session-persistence',
  '--replay-user-messages', '-v', '--version', '-h', '--help',
]) // prettier-ignore

/** Claude sets these for the commands that it runs; the claude that clinvk starts is not one of them. */
export const CLEAN_ENV = unset([
  'CLAUDECODE',
  'CLAUDE_CODE_CHILD_SESSION',
  'CLAUDE_CODE_ENTRYPOINT',
  'CLAUDE_CODE_SESSION_ID',
  'CLAUDE_CODE_SSE_PORT',
])
