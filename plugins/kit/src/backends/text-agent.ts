import type {
  Backend,
  ProgramAnswer,
  TextCommand,
  Invocation,
  Refusal,
  Turn,
  AgentExit,
  BackendEvent,
  Reader,
  Verdict,
  Descriptor,
} from 'clinvk-contract'
import {stripVTControlCharacters} from 'node:util'
import {capabilitiesOfCommand} from 'clinvk-contract/schema'

/** The backend of an agent whose descriptor has a `command` instead of a module. */
export function textBackend(title: string, command: TextCommand): Backend {
  const {version} = command
  return {
    plan: (turn) => planOf(turn, title, command),
    reader: (turn) => new TextReader(turn, title, command),
    probe: () => (version === undefined ? [] : [{kind: 'program', args: version, read: versionIn}]),
  }
}

function versionIn({code, stdout}: ProgramAnswer) {
  return {version: code === 0 ? /\d+\.\d[\w.+-]*/.exec(stdout)?.[0] : undefined}
}

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

/** Takes each line for a part of the answer, without its colours, and the exit code for how it went. */
export class TextReader implements Reader {
  readonly #turn: Turn
  readonly #title: string
  readonly #command: TextCommand
  #hasAnswered = false
  /** The last lines of standard output, for an agent that tells its errors there. */
  readonly #last: string[] = []

  constructor(turn: Turn, title: string, command: TextCommand) {
    this.#turn = turn
    this.#title = title
    this.#command = command
  }

  line(line: string): readonly BackendEvent[] {
    const text = stripVTControlCharacters(line)
    this.#last.push(text)
    if (this.#last.length > LINES_OF_ERROR) this.#last.shift()
    if (this.#hasAnswered) return [{type: 'text', text: `\n${text}`}]
    this.#hasAnswered = true
    const answer: BackendEvent = {type: 'text', text}
    const {session} = this.#turn
    // The agent tells no id. What speaks has started, and so has begun the conversation that it was given.
    return this.#command.session === undefined || session.kind === 'ephemeral'
      ? [answer]
      : [{type: 'session', backend_session_id: session.id}, answer]
  }

  end({code, signal, stderr}: AgentExit): Verdict {
    if (code === 0 && this.#hasAnswered) return {outcome: 'success'}
    const said = stripVTControlCharacters(stderr).trim().split('\n').slice(-LINES_OF_ERROR).join('\n')
    const how = signal === undefined ? `with exit code ${code}` : `by ${signal}`
    const message =
      code === 0
        ? `${this.#title} ended without an answer. ${said}`.trim()
        : `${this.#title} ended ${how}${said === '' ? '.' : `: ${said}`}`
    return {outcome: this.#outcome(code, stderr), message}
  }

  #outcome(code: number | undefined, stderr: string) {
    const printed = [stderr, ...this.#last].join('\n')
    const fits = this.#command.failures?.find(
      ({exit, pattern}) =>
        (exit === undefined || exit === code) &&
        (pattern === undefined || new RegExp(pattern, 'im').test(printed)),
    )
    return fits?.outcome ?? ('failed' as const)
  }
}

const LINES_OF_ERROR = 20

/** The descriptor of a text agent with what follows from the command: what the agent can do, and how long a prompt may be. */
export function describedByCommand(written: Descriptor, command: TextCommand): Descriptor {
  return {
    ...written,
    capabilities: {...written.capabilities, ...capabilitiesOfCommand(command)},
    limits: {...written.limits, ...promptLimit(command, written.limits?.promptBytes)},
  }
}

/** A prompt that travels by stdin has no limit. */
function promptLimit({args}: TextCommand, own = Infinity): Descriptor['limits'] {
  const arounds = args
    .filter((arg) => arg.includes('{prompt}'))
    .map((arg) => Buffer.byteLength(arg.replace('{prompt}', '')))
  return arounds.length === 0 ? {} : {promptBytes: Math.min(own, ARGUMENT_BYTES - Math.max(...arounds))}
}

/** Linux starts no program with a longer one (MAX_ARG_STRLEN, with its final NUL); other systems take no less. */
const ARGUMENT_BYTES = 131_071
