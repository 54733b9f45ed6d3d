import {stripVTControlCharacters} from 'node:util'
import {runInNewContext} from 'node:vm'
import type {Backend, BackendEvent, Capabilities, Descriptor, Invocation} from 'clinvk-contract'
import type {Reader, Refusal, TextCommand, Turn, Verdict} from 'clinvk-contract'

/** The backend of an agent whose descriptor has a `command` instead of a module. */
export function textBackend(title: string, command: TextCommand): Backend {
  const {version} = command
  return {
    plan: (turn) => planOf(turn, title, command),
    reader: (turn) => textReader(turn, title, command),
    probe: () =>
      version === undefined
        ? []
        : [
            {
              kind: 'program',
              args: version,
              read: ({code, stdout}) => ({
                version:
                  code === 0 ? /\d+\.\d[\w.+-]*/.exec(stdout.slice(0, VERSION_LENGTH))?.[0] : undefined,
              }),
            },
          ],
  }
}

/** The descriptor of a text agent with what follows from its command: capabilities, and how long a prompt may be. */
export function describedByCommand(written: Descriptor, command: TextCommand): Descriptor {
  const {args, approval = {}, sandbox = {}} = command
  const around = args
    .filter((arg) => arg.includes('{prompt}'))
    .map((arg) => ARGUMENT_BYTES - Buffer.byteLength(arg.replace('{prompt}', '')))
  // A prompt on stdin has no limit.
  const promptBytes =
    around.length === 0
      ? written.limits?.promptBytes
      : Math.min(written.limits?.promptBytes ?? Infinity, ...around)
  return {
    ...written,
    limits: {...written.limits, promptBytes},
    capabilities: {
      streaming: written.capabilities.streaming,
      resume: command.session !== undefined,
      ephemeral: command.ephemeral !== undefined,
      systemPrompt: command.systemPrompt !== undefined,
      maxTurns: command.maxTurns !== undefined,
      allowedTools: command.allowedTools !== undefined,
      addDirs: command.addDirs !== undefined,
      approval: Object.keys(approval) as Capabilities['approval'],
      sandbox: Object.keys(sandbox) as Capabilities['sandbox'],
    },
  }
}

/** The command line of a turn, or what the command has no arguments for and capabilities do not say. */
function planOf(turn: Turn, title: string, command: TextCommand): Invocation | Refusal {
  const {args} = command
  const refuse = (option: string, reason: string, instead?: string): Refusal => ({
    kind: 'refusal',
    option,
    reason: `${title} ${reason}`,
    instead,
  })
  if (turn.model !== undefined && command.model === undefined)
    return refuse(`--model ${turn.model}`, 'cannot be told a model')
  const options: string[] = []
  for (const [list = [], placeholder = '', value, option = ''] of argumentsOf(turn, command)) {
    if (placeholder !== '' && value === undefined) continue
    if (isMisread(list, placeholder, value)) return refuse(`${option} ${value}`, MISREAD)
    options.push(...fill(list, placeholder, value))
  }

  if (isMisread(args, '{prompt}', turn.prompt))
    return refuse('a prompt that begins with -', MISREAD, 'Begin it with another character: a space does.')
  const filled = fill(args, '{prompt}', turn.prompt)
  const end = args.includes('--') ? args.indexOf('--') : args.length
  return {
    kind: 'invocation',
    args: [...filled.slice(0, end), ...options, ...turn.extra, ...filled.slice(end)],
    stdin: args.some((arg) => arg.includes('{prompt}')) ? '' : turn.prompt,
  }
}

function* argumentsOf(turn: Turn, command: TextCommand): Generator<Arguments> {
  const {addDirs, allowedTools, approval, maxTurns, model, sandbox, session, systemPrompt} = turn
  if (session.kind === 'ephemeral') yield [command.ephemeral]
  else yield [command.session?.[session.kind === 'resume' ? 'resume' : 'new'], '{id}', session.id]
  yield [command.model, '{model}', model, '--model']
  yield [command.systemPrompt, '{system_prompt}', systemPrompt, '--system-prompt']
  yield [command.maxTurns, '{max_turns}', maxTurns?.toString(), '--max-turns']
  for (const tool of allowedTools) yield [command.allowedTools, '{tool}', tool, '--allowed-tools']
  for (const dir of addDirs) yield [command.addDirs, '{dir}', dir, '--add-dir']
  if (approval === 'auto' || approval === 'none') yield [command.approval?.[approval]]
  if (sandbox !== 'default') yield [command.sandbox?.[sandbox]]
}

type Arguments = [list: readonly string[] | undefined, placeholder?: string, value?: string, option?: string]

/** In one pass: what stands in the value is text, whatever it looks like. */
function fill(list: readonly string[], placeholder: string, value = ''): readonly string[] {
  return placeholder === '' ? list : list.map((text) => text.replaceAll(placeholder, () => value))
}

function isMisread(list: readonly string[], placeholder: string, value = ''): boolean {
  if (placeholder === '' || !value.startsWith('-')) return false
  const options = list.includes('--') ? list.slice(0, list.indexOf('--')) : list
  return options.some((text) => text.startsWith(placeholder))
}

/** Takes each line for a part of the answer, without its colours, and the exit code for how it went. */
function textReader({session: {id, kind}}: Turn, title: string, command: TextCommand): Reader {
  let hasAnswered = false
  /** The last lines of standard output, for an agent that reports its errors there. */
  const last: string[] = []
  return {
    line(line): readonly BackendEvent[] {
      const text = stripVTControlCharacters(line)
      last.push(text.slice(0, LINE_LENGTH))
      if (last.length > LINES_OF_ERROR) last.shift()
      if (hasAnswered) return [{type: 'text', text: `\n${text}`}]
      hasAnswered = true
      // The agent tells no id. When it answers, the conversation that it was given has begun.
      const hasSession = command.session !== undefined && kind !== 'ephemeral'
      return [
        ...(hasSession ? [{type: 'session', backend_session_id: id} as const] : []),
        {type: 'text', text},
      ]
    },
    end({code, signal, stderr}): Verdict {
      if (code === 0 && hasAnswered) return {outcome: 'success'}
      const error = stripVTControlCharacters(stderr).trim().split('\n').slice(-LINES_OF_ERROR).join('\n')
      const how = signal === undefined ? `with exit code ${code}` : `by ${signal}`
      const message =
        code === 0
          ? `${title} ended without an answer. ${error}`.trim()
          : `${title} ended ${how}${error === '' ? '.' : `: ${error}`}`
      const printed = [stderr, ...last].join('\n')
      let slow = ''
      for (const {exit, outcome, pattern} of command.failures ?? []) {
        if ((exit !== undefined && exit !== code) || (pattern !== undefined && slow !== '')) continue
        const isFound = pattern === undefined || finds(pattern, printed)
        if (isFound) return {outcome, message: message + slow}
        if (isFound === undefined)
          slow = `\nIts pattern ${pattern} takes too long; no pattern was used from there on.`
      }
      return {outcome: 'failed', message: message + slow}
    },
  }
}

/**
 * Whether a pattern that somebody else has written is found; undefined when that takes too long. Every regular
 * expression is allowed, and some take longer than anybody lives: only a time limit holds for all of them.
 */
function finds(pattern: string, text: string): boolean | undefined {
  try {
    const code = 'new RegExp(pattern, "im").test(text)'
    return runInNewContext(code, {pattern, text}, {timeout: PATTERN_TIMEOUT_MS}) as boolean
  } catch {
    return undefined
  }
}

const MISREAD = 'would take it for an option of its own'
const LINES_OF_ERROR = 20
/** Characters of a line in which patterns are searched. */
const LINE_LENGTH = 65_536
const VERSION_LENGTH = 4096
const PATTERN_TIMEOUT_MS = 1000
/** Linux starts no program with a longer one (MAX_ARG_STRLEN, with its final NUL); other systems take no less. */
const ARGUMENT_BYTES = 131_071
