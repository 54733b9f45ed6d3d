import type {Host, Invocation, Refusal, Turn} from 'clinvk-contract'
import {refusalOfExtra} from './extra.js'
import {sandboxOptions} from './sandbox.js'
import {UNNESTED} from './unnested.js'

/**
 * The command line of codex 0.169 for one turn. The prompt goes by stdin (`-`):
 * with a prompt in argv codex waits for stdin besides, and Linux limits an
 * argument to 128 KiB. Options stand before `resume`, which knows only some of them.
 */
export function plan(turn: Turn, host: Host): Invocation | Refusal {
  const refused = refusalOfExtra(turn.extra)
  if (refused) return refused
  const sandbox = sandboxOptions(turn)
  if (sandbox.kind === 'refusal') return sandbox
  const instructions = systemPromptOptions(turn, host)
  return {
    kind: 'invocation',
    args: [
      'exec',
      '--json',
      '--skip-git-repo-check',
      ...(turn.session.kind === 'ephemeral' ? ['--ephemeral'] : []),
      ...(turn.model === undefined ? [] : ['--model', turn.model]),
      ...sandbox.args,
      ...instructions.args,
      ...turn.addDirs.flatMap((directory) => ['--add-dir', directory]),
      ...turn.extra,
      ...(turn.session.kind === 'resume' ? ['resume', turn.session.id] : []),
      '-',
    ],
    stdin: turn.prompt,
    env: UNNESTED,
    ...(instructions.files ? {files: instructions.files} : {}),
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
