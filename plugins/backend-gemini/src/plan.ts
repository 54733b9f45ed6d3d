import {extraRefusal, options, program, readOnlyRefusal, refusal, unset} from 'clinvk-backend-sdk'
import type {Conversation, Host, InteractiveWish, Invocation} from 'clinvk-contract'
import type {Json, Program, Refusal, Turn} from 'clinvk-contract'
import {asSaid} from './messages.js'

/**
 * The command line of Gemini CLI 0.61 for one turn. The prompt goes by stdin:
 * in argv it would be limited to 128 KiB, and a leading `-` would be an option.
 */
export function plan(turn: Turn, host: Host): Invocation | Refusal {
  const {addDirs, allowedTools, extra, model, prompt, session, systemPrompt} = turn
  const refused = extraRefusal('gemini', turn, isReserved) ?? contradiction(turn)
  if (refused) return refused
  const files: {path: string; content: string}[] = []
  const scratch = (name: string, content: string | undefined): string | undefined => {
    if (content === undefined) return undefined
    files.push({path: `${host.scratch}/${name}`, content})
    return `${host.scratch}/${name}`
  }

  const system = scratch('system.md', systemPrompt)
  const isEphemeral = session.kind === 'ephemeral'
  if (isEphemeral) scratch('README', 'Temporary files of one turn, gone with it.\n')
  return {
    kind: 'invocation',
    args: [
      ...['--output-format', 'stream-json'],
      ...options({
        [session.kind === 'resume' && !isUnresumable(session.state) ? '--resume' : '--session-id']:
          session.id,
        '--model': model,
        '--approval-mode': approvalMode(turn),
        '--admin-policy': scratch('clinvk-policy.toml', policy(turn)),
        '--allowed-tools': allowedTools,
        '--include-directories': addDirs,
      }),
      ...extra,
    ],
    stdin: asSaid(prompt),
    env: {
      ...CLEAN_ENV,
      // Without it a parent process runs that ignores signals, and leaves the real one behind when it is killed.
      GEMINI_CLI_NO_RELAUNCH: 'true',
      GEMINI_CLI_TRUST_WORKSPACE: 'true',
      ...(system !== undefined && {GEMINI_SYSTEM_MD: system}),
      // When a model call fails, gemini writes the whole conversation to a report in TMPDIR.
      ...(isEphemeral && {TMPDIR: host.scratch}),
    },
    files,
  }
}

/**
 * Gemini CLI 0.61.0 asks itself whether it may trust the directory, and restarts
 * after the answer: unlike in a turn, it keeps the parent process that does this.
 */
export function interactive({id, state}: Conversation, {model}: InteractiveWish): Program {
  const session = isUnresumable(state) ? '--session-id' : '--resume'
  return program(options({[session]: id, '--model': model}), CLEAN_ENV)
}

/**
 * Gemini has one approval mode for both questions, what is asked and what may be
 * touched. Headless, nobody is asked in any mode: tools that would ask are not
 * offered to the model. `default` is said aloud, because settings may name another mode.
 */
function approvalMode({approval, sandbox}: Turn): string | undefined {
  if (sandbox === 'read-only') return 'plan'
  if (sandbox === 'full') return 'yolo'
  if (approval === 'auto') return 'auto_edit'
  return approval === 'none' ? 'default' : undefined
}

/**
 * Tools that no settings and policies of the user allow, in TOML. The first two are the model's own way out
 * of every limit: headless, a model of gemini 0.61.0 that enters plan mode (or is in it), writes a plan and
 * leaves plan mode works in yolo mode from there on, and nobody is asked (`getAllowApprovalMode`; seen). Plan
 * mode denies the others already, but settings may allow them by name, or switch plan mode off.
 */
function policy({sandbox}: Turn): string | undefined {
  if (sandbox === 'full') return undefined
  const writing = sandbox === 'read-only' ? ['write_file', 'replace', 'run_shell_command'] : []
  const tools = JSON.stringify(['enter_plan_mode', 'exit_plan_mode', ...writing])
  return `[[rule]]\ntoolName = ${tools}\ndecision = "deny"\npriority = 999\n`
}

function contradiction({addDirs, allowedTools, approval, sandbox}: Turn): Refusal | undefined {
  if (sandbox === 'read-only' && approval === 'auto') return readOnlyRefusal('Gemini CLI')
  // Tools that are allowed by name run in every mode.
  if (sandbox === 'read-only' && allowedTools.length > 0)
    return refusal(
      '--allowed-tools with --sandbox-mode read-only',
      'the one lets Gemini CLI use a tool whatever it does, the other forbids every change',
    )
  // gemini takes several directories in one word, parted by commas, and has no way to quote one.
  const directory = addDirs.find((path) => path.includes(','))
  if (directory === undefined) return undefined
  return refusal(
    `--add-dir ${directory}`,
    'Gemini CLI takes a comma for the end of a directory',
    'Give it a link to that directory whose name has no comma.',
  )
}

/** gemini takes `--sessionId` for `--session-id`, and `-yo json` for `-y -o json`. */
function isReserved(word: string): boolean {
  const [name = ''] = word.split('=')
  return name.startsWith('--')
    ? RESERVED.has(name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`))
    : /^-.*[pioryvhwl]/.test(name)
}

const RESERVED = new Set([
  '--prompt', '--prompt-interactive', '--output-format', '--acp', '--experimental-acp', '--worktree',
  '--resume', '--session-id', '--session-file', '--list-sessions', '--delete-session', '--list-extensions',
  '--approval-mode', '--yolo', '--admin-policy', '--version', '--help',
]) // prettier-ignore

/**
 * Whether gemini has nothing of the conversation. When a model call fails or the
 * model repeats itself, gemini 0.61.0 takes the prompt back; after a first turn
 * nothing is left to resume, and the conversation begins again with the same id.
 */
export function isUnresumable(state: Json | undefined): boolean {
  return JSON.stringify(state) === JSON.stringify(UNRESUMABLE)
}

/** Kept with such a session. The name of the field is that of sessions that are stored already. */
export const UNRESUMABLE = {lost: true}

/** Gemini sets it for the commands that it runs; the gemini that clinvk starts is not one of them. */
export const CLEAN_ENV = unset(['GEMINI_CLI'])
