import type {Refusal} from 'clinvk-contract'

/** An option or a word that decides what clinvk reads, where codex runs or what it may do is refused. */
export function refusalOfExtra(extra: readonly string[]): Refusal | undefined {
  const taken = extra.find((word, index) => {
    if (word.startsWith('-')) return OURS.has(word.split('=')[0]!) || /^-[sC]./.test(word)
    // A word after an option may be its value; anywhere else it is a command of codex or a second prompt.
    return !extra[index - 1]?.startsWith('-')
  })
  if (taken === undefined) return undefined
  return {
    kind: 'refusal',
    option: `--extra ${taken}`,
    reason: 'clinvk sets this option of codex itself and reads what comes of it',
    instead: 'Use the flag of clinvk that does it: clinvk prompt --help',
  }
}

const OURS = new Set([
  '-', '--', '--json', '--experimental-json', '--ephemeral', '--last', '--all',
  '-C', '--cd', '--worktree', '-s', '--sandbox', '--dangerously-bypass-approvals-and-sandbox', '--yolo',
  '-V', '--version', '-h', '--help',
]) // prettier-ignore
