import type {TextCommand} from 'clinvk-contract'
import {isRecord} from '../shapes.js'
import {capabilitiesOf} from './describe.js'

/** What is wrong with `command` of a descriptor, or with what stands beside it; undefined when nothing is. */
export function flawOfCommand(command: unknown, beside: Record<string, unknown>): string | undefined {
  if (!isRecord(command)) return '`command` is no object'
  return (
    flawOfLists(command) ??
    flawOfModes(command) ??
    flawOfSession(command.session) ??
    flawOfFailures(command.failures) ??
    flawBeside(command as unknown as TextCommand, beside)
  )
}

function flawOfLists(command: Record<string, unknown>): string | undefined {
  if (!isList(command.args)) return '`command.args` is no list of texts'
  // A pattern may have braces of its own.
  const strange = JSON.stringify({...command, failures: undefined})
    .match(/\{[a-z_]+\}/g)
    ?.find((word) => !WORDS.has(word))
  if (strange !== undefined) return `\`command\` has ${strange}, which stands for nothing`
  const prompts = command.args.join('\n').split('{prompt}').length - 1
  if (prompts > 1) return '`command.args` has {prompt} more than once'
  const foreign = command.args.join('\n').match(/\{(model|system_prompt|max_turns|tool|dir|id)\}/)
  if (foreign) return `\`command.args\` has ${foreign[0]}, which has a list of its own`
  for (const [key, placeholder] of Object.entries(PLACEHOLDERS)) {
    const list = command[key]
    if (list === undefined) continue
    const flaw = flawOfList(`command.${key}`, list, placeholder)
    if (flaw !== undefined) return flaw
  }

  return undefined
}

function flawOfModes(command: Record<string, unknown>): string | undefined {
  for (const [key, modes] of Object.entries(MODES)) {
    const given = command[key]
    if (given === undefined) continue
    if (!isRecord(given)) return `\`command.${key}\` is no object`
    for (const [mode, list] of Object.entries(given)) {
      if (!modes.includes(mode)) return `\`command.${key}.${mode}\` is none of ${modes.join(', ')}`
      if (!isList(list)) return `\`command.${key}.${mode}\` is no list of texts`
    }
  }

  return undefined
}

function flawOfSession(session: unknown): string | undefined {
  if (session === undefined) return undefined
  if (!isRecord(session)) return '`command.session` is no object'
  return (
    flawOfList('command.session.new', session.new, '{id}') ??
    flawOfList('command.session.resume', session.resume, '{id}')
  )
}

function flawOfFailures(failures: unknown): string | undefined {
  if (failures === undefined) return undefined
  if (!Array.isArray(failures)) return '`command.failures` is no list'
  for (const [index, failure] of failures.entries()) {
    const where = `\`command.failures[${index}]\``
    if (!isRecord(failure)) return `${where} is no object`
    const {exit, outcome, pattern} = failure
    if (!OUTCOMES.has(outcome)) return `${where} has no \`outcome\` that clinvk knows`
    if (exit === undefined && pattern === undefined) return `${where} has neither \`exit\` nor \`pattern\``
    if (exit !== undefined && !Number.isInteger(exit)) return `\`exit\` of ${where} is no whole number`
    if (pattern !== undefined && !isPattern(pattern))
      return `\`pattern\` of ${where} is no regular expression`
  }

  return undefined
}

/** What the descriptor says and the command does not do. */
function flawBeside(
  command: TextCommand,
  {capabilities, options}: Record<string, unknown>,
): string | undefined {
  if (options !== undefined) return '`options` need a `module`: a `command` has no place for them'
  const can = capabilitiesOf(command) as Record<string, unknown>
  for (const [name, said] of Object.entries(capabilities as Record<string, unknown>)) {
    if (name === 'streaming' || said === false) continue
    const does = can[name]
    const follows = Array.isArray(said)
      ? Array.isArray(does) && said.every((mode) => mode === 'default' || does.includes(mode))
      : does === true
    if (!follows) return `\`capabilities.${name}\` is more than its \`command\` can do`
  }

  return undefined
}

function flawOfList(name: string, list: unknown, placeholder: string): string | undefined {
  if (!isList(list)) return `\`${name}\` is no list of texts`
  return placeholder === '' || list.some((text) => text.includes(placeholder))
    ? undefined
    : `\`${name}\` does not say where ${placeholder} goes`
}

function isList(list: unknown): list is readonly string[] {
  // No program can be given a NUL.
  return Array.isArray(list) && list.every((text) => typeof text === 'string' && !text.includes('\0'))
}

function isPattern(pattern: unknown): boolean {
  try {
    return typeof pattern === 'string' && new RegExp(pattern) instanceof RegExp
  } catch {
    return false
  }
}

/** What must stand in each list; '' where nothing must. */
const PLACEHOLDERS = {
  model: '{model}',
  systemPrompt: '{system_prompt}',
  maxTurns: '{max_turns}',
  allowedTools: '{tool}',
  addDirs: '{dir}',
  ephemeral: '',
  version: '',
}
const MODES: Record<string, readonly string[]> = {
  approval: ['auto', 'none'],
  sandbox: ['read-only', 'workspace', 'full'],
}
const WORDS: ReadonlySet<string> = new Set(['{prompt}', '{id}', ...Object.values(PLACEHOLDERS)])
const OUTCOMES: ReadonlySet<unknown> = new Set(['session', 'auth', 'rate_limit', 'limit'])
