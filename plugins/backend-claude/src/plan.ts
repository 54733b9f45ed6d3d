import {extraRefusal, options, program, readOnlyRefusal, refusal, unset} from 'clinvk-backend-sdk'
import type {Conversation, Host, InteractiveWish, Invocation, Program, Refusal, Turn} from 'clinvk-contract'
import {asPrompt} from './messages.js'

/**
 * The command line of Claude Code 2.1 for one turn. The prompt goes by stdin: in argv it would be limited to
 * 128 KiB, a leading `-` would be an option, and `--add-dir` or `--allowedTools` before it would swallow it.
 */
export function plan(turn: Turn, host: Host): Invocation | Refusal {
  const refused = extraRefusal('claude', turn, (word) => RESERVED.has(word.split('=')[0]!))
  if (refused) return refused
  const mode = permissionMode(turn, host)
  if (typeof mode === 'object') return mode
  const {maxTurns, model, prompt, systemPrompt} = turn
  // In argv everybody on the machine could read it, and Linux takes at most 131,071 bytes an argument.
  const path = `${host.scratch}/system-prompt.md`
  return {
    kind: 'invocation',
    args: [
      ...['--print', '--output-format', 'stream-json', '--verbose', '--include-partial-messages'],
      ...conversationOf(turn),
      ...options({
        '--model': model,
        '--permission-mode': mode,
        '--system-prompt-file': systemPrompt === undefined ? undefined : path,
        '--max-turns': maxTurns === undefined ? undefined : String(maxTurns),
        '--allowedTools': turn.allowedTools,
        '--add-dir': turn.addDirs,
      }),
      ...turn.extra,
    ],
    stdin: asPrompt(prompt),
    env: CLEAN_ENV,
    files: systemPrompt === undefined ? undefined : [{path, content: systemPrompt}],
  }
}

function conversationOf({session}: Turn): string[] {
  switch (session.kind) {
    case 'ephemeral':
      return ['--no-session-persistence']
    case 'fork':
      return ['--resume', session.id, '--fork-session', '--session-id', session.copy]
    default:
      return [session.kind === 'resume' ? '--resume' : '--session-id', session.id]
  }
}

/** Claude Code 2.1.197 resumes a conversation only in the directory that it was made in. */
export function interactive({id}: Conversation, {fork, model}: InteractiveWish): Program {
  const copy = fork ? ['--fork-session'] : []
  return program(['--resume', id, ...copy, ...options({'--model': model})], CLEAN_ENV)
}

/**
 * Claude has one permission mode for both approval and sandbox, so some pairs of them
 * contradict each other. Headless it never asks: what would need a question is denied.
 */
function permissionMode({approval, sandbox}: Turn, host: Host): string | undefined | Refusal {
  switch (sandbox) {
    case 'read-only':
      return approval === 'auto' ? readOnlyRefusal('Claude Code') : 'plan'
    case 'full':
      // As root claude itself refuses, unless it is told that the machine is a sandbox.
      if (!host.isRoot || host.env.IS_SANDBOX === '1') return 'bypassPermissions'
      return refusal(
        '--sandbox-mode full',
        'Claude Code does not run without limits as root',
        'Run it as another user, or set IS_SANDBOX=1 when this machine is a sandbox.',
      )
    default:
      if (approval === 'auto') return 'acceptEdits'
      return approval === 'none' ? 'dontAsk' : undefined
  }
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
