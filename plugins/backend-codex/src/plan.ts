import {contradiction, extraRefusal, unset} from 'clinvk-backend-sdk'
import type {Conversation, Host, InteractiveWish, Invocation, Program, Refusal, Turn} from 'clinvk-contract'

/**
 * The command line of codex 0.169 for one turn. The prompt goes by stdin (`-`):
 * with a prompt in argv codex waits for stdin besides, and Linux limits an
 * argument to 128 KiB. Options stand before `resume`, which knows only some of them.
 */
export function plan(turn: Turn, host: Host): Invocation | Refusal {
  const reserved = turn.extra.find((_, index) => isReserved(turn.extra, index))
  if (reserved !== undefined) return extraRefusal('codex', reserved)
  const sandbox = sandboxMode(turn)
  if (typeof sandbox === 'object') return sandbox
  const instructions = systemPromptOptions(turn, host)
  return {
    kind: 'invocation',
    args: [
      'exec',
      '--json',
      '--skip-git-repo-check',
      ...(turn.session.kind === 'ephemeral' ? ['--ephemeral'] : []),
      ...(turn.model === undefined ? [] : ['--model', turn.model]),
      ...(sandbox === undefined ? [] : ['--sandbox', sandbox]),
      ...instructions.args,
      ...turn.addDirs.flatMap((directory) => ['--add-dir', directory]),
      ...turn.extra,
      ...(turn.session.kind === 'resume' ? ['resume', turn.session.id] : []),
      '-',
    ],
    stdin: turn.prompt,
    env: CLEAN_ENV,
    files: instructions.files,
  }
}

/**
 * Codex 0.169.0 on a thread. Without `--no-daemon` it leaves a server behind that
 * holds the thread, and no later turn could resume it. A thread keeps the permissions
 * of its last turn, in which codex could ask nobody; here it begins with the least and asks.
 */
export function interactive({id}: Conversation, {model}: InteractiveWish): Program {
  return {
    kind: 'program',
    args: [
      'resume',
      '--no-daemon',
      '--sandbox',
      'read-only',
      '--ask-for-approval',
      'on-request',
      ...(model === undefined ? [] : ['--model', model]),
      id,
    ],
    env: CLEAN_ENV,
  }
}

/**
 * `codex exec` never asks: what the sandbox does not allow is denied. So approval
 * `none` changes nothing, and editing without asking needs a sandbox in which the
 * directory can be written to.
 */
function sandboxMode({approval, sandbox}: Turn): string | undefined | Refusal {
  switch (sandbox) {
    case 'read-only':
      if (approval !== 'auto') return 'read-only'
      return contradiction(
        '--approval-mode auto --sandbox-mode read-only',
        'the one lets codex edit files, the other forbids it',
      )
    case 'workspace':
      return 'workspace-write'
    case 'full':
      return 'danger-full-access'
    case 'default':
      return approval === 'auto' ? 'workspace-write' : undefined
  }
}

/** Codex takes a system prompt as a file alone; the value of `-c` is TOML, whose strings are quoted as in JSON. */
function systemPromptOptions({systemPrompt}: Turn, {scratch}: Host): Pick<Invocation, 'args' | 'files'> {
  if (systemPrompt === undefined) return {args: []}
  const path = `${scratch}/system-prompt.md`
  return {
    args: ['--config', `model_instructions_file=${JSON.stringify(path)}`],
    files: [{path, content: systemPrompt}],
  }
}

/** Whether this word decides what clinvk reads, where codex runs or what it may do. */
function isReserved(extra: readonly string[], index: number): boolean {
  const word = extra[index]!
  if (word.startsWith('-')) return RESERVED.has(word.split('=')[0]!) || /^-[sC]./.test(word)
  // A word after an option may be its value; anywhere else it is a command of codex or a second prompt.
  return !extra[index - 1]?.startsWith('-')
}

const RESERVED = new Set([
  '-', '--', '--json', '--experimental-json', '--ephemeral', '--last', '--all',
  '-C', '--cd', '--worktree', '-s', '--sandbox', '--dangerously-bypass-approvals-and-sandbox', '--yolo',
  '-V', '--version', '-h', '--help',
]) // prettier-ignore

/** Codex 0.169.0 sets these for the commands that it runs; the codex that clinvk starts is not one of them. */
export const CLEAN_ENV = unset([
  'CODEX_CI',
  'CODEX_PERMISSION_PROFILE',
  'CODEX_SANDBOX',
  'CODEX_SANDBOX_NETWORK_DISABLED',
  'CODEX_SESSION_ID',
  'CODEX_THREAD_ID',
  'CODEX_TOOL_CALL_ID',
  'CODEX_VERSION',
])
