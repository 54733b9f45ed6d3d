import type {Capabilities, Descriptor, Refusal, Turn} from 'clinvk-contract'

/** What the descriptor already says no to, before the backend is asked. */
export function refusalByDescriptor(
  {capabilities, limits, title}: Descriptor,
  turn: Turn,
): Refusal | undefined {
  for (const [unit, limit, size] of [
    ['bytes', limits?.promptBytes, (text: string) => Buffer.byteLength(text)],
    ['characters', limits?.promptCharacters, codePoints],
    ['characters (UTF-16)', limits?.promptUnits, (text: string) => text.length],
  ] as const) {
    if (limit === undefined || size(turn.prompt) <= limit) continue
    return refusal(
      `a prompt of ${size(turn.prompt)} ${unit}`,
      `${title} takes at most ${limit} ${unit}`,
      'Put the text in a file and name the file in the prompt.',
    )
  }

  if (turn.approval === 'always') {
    return refusal(
      '--approval-mode always',
      'nobody is there to be asked while clinvk runs the agent',
      'Use `clinvk resume` without a prompt to work in the agent itself, or --approval-mode none.',
    )
  }

  for (const [capability, option, asked] of OPTIONS) {
    if (asked(turn) && !capabilities[capability]) return refusal(option, `${title} cannot do that`)
  }

  return (
    unknownMode('--approval-mode', turn.approval, capabilities.approval, title) ??
    unknownMode('--sandbox-mode', turn.sandbox, capabilities.sandbox, title)
  )
}

/** Characters as most languages count them: a pair of surrogates is one. */
function codePoints(text: string): number {
  let count = 0
  for (let index = 0; index < text.length; index++, count++) {
    if (text.codePointAt(index)! > 0xff_ff) index++
  }

  return count
}

const OPTIONS: readonly (readonly [keyof Capabilities, string, (turn: Turn) => boolean])[] = [
  ['resume', 'resuming a session', ({session}) => session.kind === 'resume'],
  ['ephemeral', '--ephemeral', ({session}) => session.kind === 'ephemeral'],
  ['systemPrompt', '--system-prompt', ({systemPrompt}) => systemPrompt !== undefined],
  ['maxTurns', '--max-turns', ({maxTurns}) => maxTurns !== undefined],
  ['allowedTools', '--allowed-tools', ({allowedTools}) => allowedTools.length > 0],
  ['addDirs', '--add-dir', ({addDirs}) => addDirs.length > 0],
]

function unknownMode(
  option: string,
  mode: string,
  known: readonly string[] = [],
  title: string,
): Refusal | undefined {
  if (mode === 'default' || known.includes(mode)) return undefined
  const instead =
    known.length > 0 ? `${title} knows ${option} ${['default', ...known].join(', ')}.` : undefined
  return refusal(`${option} ${mode}`, `${title} has nothing that does this`, instead)
}

function refusal(option: string, reason: string, instead?: string): Refusal {
  return {kind: 'refusal', option, reason, ...(instead === undefined ? {} : {instead})}
}
