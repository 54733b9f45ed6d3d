import type {Invocation, Refusal, TextCommand, Turn} from 'clinvk-contract'

/** The command line of a turn, or what of it the command has no words for. Sorted out before: what follows from capabilities. */
export function planOf(turn: Turn, title: string, command: TextCommand): Invocation | Refusal {
  if (turn.model !== undefined && command.model === undefined)
    return {kind: 'refusal', option: `--model ${turn.model}`, reason: `${title} cannot be told a model`}
  const options: string[] = []
  for (const {list, option, placeholder, value} of wishes(turn, command)) {
    if (isMisread(list, placeholder, value)) return misread(`${option} ${value}`, title)
    options.push(...fill(list, placeholder, value))
  }

  const {args} = command
  const end = args.includes('--') ? args.indexOf('--') : args.length
  const byArgument = args.some((arg) => arg.includes('{prompt}'))
  if (byArgument && isMisread(args, '{prompt}', turn.prompt)) {
    return {
      ...misread('a prompt that begins with -', title),
      instead: 'Begin it with another character: a space does.',
    }
  }

  const filled = fill(args, '{prompt}', turn.prompt)
  return {
    kind: 'invocation',
    args: [...filled.slice(0, end), ...options, ...turn.extra, ...filled.slice(end)],
    stdin: byArgument ? '' : turn.prompt,
  }
}

interface Wish {
  readonly list: readonly string[]
  readonly placeholder: string
  readonly value: string
  /** As the user writes it. */
  readonly option: string
}

/** What the turn asks for and the command has a list for. */
function* wishes(turn: Turn, command: TextCommand): Generator<Wish> {
  const {approval, sandbox, session} = turn
  const wish = (list: readonly string[] | undefined, placeholder = '', value = '', option = '') =>
    list === undefined ? [] : [{list, placeholder, value, option}]
  if (session.kind === 'ephemeral') yield* wish(command.ephemeral)
  else yield* wish(command.session?.[session.kind], '{id}', session.id)
  if (turn.model !== undefined) yield* wish(command.model, '{model}', turn.model, '--model')
  if (turn.systemPrompt !== undefined)
    yield* wish(command.systemPrompt, '{system_prompt}', turn.systemPrompt, '--system-prompt')
  if (turn.maxTurns !== undefined)
    yield* wish(command.maxTurns, '{max_turns}', String(turn.maxTurns), '--max-turns')
  for (const tool of turn.allowedTools) yield* wish(command.allowedTools, '{tool}', tool, '--allowed-tools')
  for (const dir of turn.addDirs) yield* wish(command.addDirs, '{dir}', dir, '--add-dir')
  if (approval === 'auto' || approval === 'none') yield* wish(command.approval?.[approval])
  if (sandbox !== 'default') yield* wish(command.sandbox?.[sandbox])
}

/** In one pass: what stands in the value is text, whatever it looks like. */
function fill(list: readonly string[], placeholder: string, value: string): string[] {
  return placeholder === '' ? [...list] : list.map((text) => text.replaceAll(placeholder, () => value))
}

/** Whether the agent could take the value for an option of its own. */
function isMisread(list: readonly string[], placeholder: string, value: string): boolean {
  if (placeholder === '' || !value.startsWith('-')) return false
  const options = list.includes('--') ? list.slice(0, list.indexOf('--')) : list
  return options.some((text) => text.startsWith(placeholder))
}

function misread(option: string, title: string): Refusal {
  return {kind: 'refusal', option, reason: `${title} would take it for an option of its own`}
}
