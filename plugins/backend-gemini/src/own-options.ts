import type {Refusal} from 'clinvk-contract'

/** Refuses an option of gemini that clinvk sets itself, whichever way gemini would understand it. */
export function ownOption(extra: readonly string[]): Refusal | undefined {
  const taken = extra.find((word) => isOurs(word))
  if (taken === undefined) return undefined
  return {
    kind: 'refusal',
    option: `--extra ${taken}`,
    reason: 'clinvk sets this option of gemini itself and reads what comes of it',
    instead: 'Use the flag of clinvk that does it: clinvk prompt --help',
  }
}

/** gemini takes `--sessionId` for `--session-id`, and `-yo json` for `-y -o json`. */
function isOurs(word: string): boolean {
  const [name = ''] = word.split('=')
  if (name.startsWith('--'))
    return OURS.has(name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`))
  return OUR_LETTERS.test(name)
}

const OURS = new Set([
  '--prompt', '--prompt-interactive', '--output-format', '--acp', '--experimental-acp', '--worktree',
  '--resume', '--session-id', '--session-file', '--list-sessions', '--delete-session', '--list-extensions',
  '--approval-mode', '--yolo', '--admin-policy', '--version', '--help',
]) // prettier-ignore

const OUR_LETTERS = /^-.*[pioryvhwl]/
