import {extraRefusal, unset} from 'clinvk-backend-sdk'
import type {Conversation, Host, InteractiveWish, Invocation, Program, Refusal, Turn} from 'clinvk-contract'
import {approvalMode} from './approval-mode.js'
import {isUnresumable} from './unresumable-state.js'

/**
 * The command line of Gemini CLI 0.61 for one turn. The prompt goes by stdin:
 * in argv it would be limited to 128 KiB, and a leading `-` would be an option.
 */
export function plan(turn: Turn, host: Host): Invocation | Refusal {
  const reserved = turn.extra.find((word) => isReserved(word))
  if (reserved !== undefined) return extraRefusal('gemini', reserved)
  const refused = withComma(turn.addDirs)
  if (refused) return refused
  const approval = approvalMode(turn)
  if (approval.kind === 'refusal') return approval

  const files: {path: string; content: string}[] = []
  const scratch = (name: string, content: string): string => {
    const path = `${host.scratch}/${name}`
    files.push({path, content})
    return path
  }

  const {addDirs, allowedTools, extra, model, session, systemPrompt} = turn
  return {
    kind: 'invocation',
    args: [
      '--output-format',
      'stream-json',
      session.kind === 'resume' && !isUnresumable(session.state) ? '--resume' : '--session-id',
      session.id,
      ...(model === undefined ? [] : ['--model', model]),
      ...approval.args,
      ...(approval.policy === undefined
        ? []
        : ['--admin-policy', scratch('clinvk-policy.toml', approval.policy)]),
      ...allowedTools.flatMap((tools) => ['--allowed-tools', tools]),
      ...addDirs.flatMap((directory) => ['--include-directories', directory]),
      ...extra,
    ],
    stdin: asText(turn.prompt),
    env: {
      ...ENV_OF_TURN,
      ...(systemPrompt === undefined ? {} : {GEMINI_SYSTEM_MD: scratch('system.md', systemPrompt)}),
      ...(session.kind === 'ephemeral' ? temporary(host, scratch) : {}),
    },
    files,
  }
}

/**
 * Gemini CLI 0.61.0 asks itself whether it may trust the directory, and restarts
 * after the answer: unlike in a turn, it keeps the parent process that does this.
 */
export function interactive({id, state}: Conversation, {model}: InteractiveWish): Program {
  return {
    kind: 'program',
    args: [
      isUnresumable(state) ? '--session-id' : '--resume',
      id,
      ...(model === undefined ? [] : ['--model', model]),
    ],
    env: CLEAN_ENV,
  }
}

/**
 * A prompt that begins with `/` may be a command of gemini, which never reaches
 * the model. And one that begins with `/` or `?`, white space aside, is left out
 * of the conversation when gemini 0.61.0 takes it up again (`isIgnoredUserContent`).
 * A character without width before it makes it text in both places.
 */
function asText(prompt: string): string {
  return /^\s*[/?]/.test(prompt) ? `\u{200B}${prompt}` : prompt
}

/** gemini takes several directories in one word, parted by commas, and has no way to quote one. */
function withComma(directories: readonly string[]): Refusal | undefined {
  const directory = directories.find((path) => path.includes(','))
  if (directory === undefined) return undefined
  return {
    kind: 'refusal',
    option: `--add-dir ${directory}`,
    reason: 'Gemini CLI takes a comma for the end of a directory',
    instead: 'Give it a link to that directory whose name has no comma.',
  }
}

/** When a model call fails, gemini writes the whole conversation to a report in TMPDIR. */
function temporary(host: Host, scratch: (name: string, content: string) => string): Invocation['env'] {
  scratch('README', 'Temporary files of one turn, gone with it.\n')
  return {TMPDIR: host.scratch}
}

/** gemini takes `--sessionId` for `--session-id`, and `-yo json` for `-y -o json`. */
function isReserved(word: string): boolean {
  const [name = ''] = word.split('=')
  if (name.startsWith('--'))
    return RESERVED.has(name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`))
  return RESERVED_LETTERS.test(name)
}

const RESERVED = new Set([
  '--prompt', '--prompt-interactive', '--output-format', '--acp', '--experimental-acp', '--worktree',
  '--resume', '--session-id', '--session-file', '--list-sessions', '--delete-session', '--list-extensions',
  '--approval-mode', '--yolo', '--admin-policy', '--version', '--help',
]) // prettier-ignore
const RESERVED_LETTERS = /^-.*[pioryvhwl]/

/** Gemini sets it for the commands that it runs; the gemini that clinvk starts is not one of them. */
export const CLEAN_ENV = unset(['GEMINI_CLI'])
const ENV_OF_TURN = {
  ...CLEAN_ENV,
  // Without it a parent process runs that ignores signals, and leaves the real one behind when it is killed.
  GEMINI_CLI_NO_RELAUNCH: 'true',
  GEMINI_CLI_TRUST_WORKSPACE: 'true',
}
