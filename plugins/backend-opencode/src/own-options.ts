import type {Refusal} from 'clinvk-contract'

/** Refuses an option of opencode that clinvk sets itself, and words that opencode would take for the prompt. */
export function ownOption(extra: readonly string[]): Refusal | undefined {
  const taken = extra.find((word) => isOurs(word))
  if (taken !== undefined) {
    return {
      kind: 'refusal',
      option: `--extra ${taken}`,
      reason: 'clinvk sets this option of opencode itself and reads what comes of it',
      instead: 'Use the flag of clinvk that does it: clinvk prompt --help',
    }
  }

  const stray = extra.find((word, index) => !word.startsWith('-') && !TAKES_VALUE.has(extra[index - 1] ?? ''))
  if (stray === undefined) return undefined
  return {
    kind: 'refusal',
    option: `--extra ${stray}`,
    reason: 'opencode would take this word for a part of the prompt',
    instead: 'Give the prompt to clinvk.',
  }
}

function isOurs(word: string): boolean {
  const [name = ''] = word.split('=')
  return OURS.has(name.replace(/^--no-/, '--')) || /^-[a-z]*[scmipuvh]/.test(name)
}

const TAKES_VALUE = new Set(['--variant', '--file', '-f', '--log-level', '--logLevel'])

const OURS = new Set([
  '--', '--format', '--session', '--continue', '--fork', '--title', '--model', '--agent', '--auto', '--yolo',
  '--dangerously-skip-permissions', '--dangerouslySkipPermissions', '--thinking', '--dir', '--attach',
  '--interactive', '--mini', '--demo', '--command', '--pure', '--port', '--password', '--username', '--version',
  '--help', '--print-logs', '--printLogs',
]) // prettier-ignore
