import type {Descriptor, Refusal, Turn} from 'clinvk-contract'
import {Failure} from '../errors/failure.js'
import {type TurnRequest, isGiven, TURN_OPTIONS, type TurnOption} from './request.js'

/** What the descriptor already rules out, before the backend is asked. */
export function refusalByDescriptor(descriptor: Descriptor, turn: Turn): Refusal | undefined {
  const {capabilities, title} = descriptor
  return (
    promptTooLong(descriptor, turn.prompt) ??
    (turn.approval === 'always' ? NOBODY_TO_ASK : undefined) ??
    unsupportedOption(descriptor, turn) ??
    unsupportedMode('--approval-mode', turn.approval, capabilities.approval, title) ??
    unsupportedMode('--sandbox-mode', turn.sandbox, capabilities.sandbox, title)
  )
}

/** The Failure for something that a backend cannot do; `request` is what the user typed. */
export function refusalFailure({option, reason, instead}: Refusal, request?: TurnRequest): Failure {
  const hints = instead === undefined ? [] : [instead]
  if (request && comesFromSettings(option, request))
    hints.push('What was not typed comes from the settings: clinvk config show')
  return new Failure('refused', `${option} is refused: ${reason}.`, hints)
}

function promptTooLong({limits = {}, title}: Descriptor, prompt: string): Refusal | undefined {
  for (const [unit, limit, size] of [
    ['bytes', limits.promptBytes, (text: string) => Buffer.byteLength(text)],
    ['characters', limits.promptCharacters, codePoints],
    ['characters (UTF-16)', limits.promptUnits, (text: string) => text.length],
  ] as const) {
    if (limit === undefined || size(prompt) <= limit) continue
    return {
      kind: 'refusal',
      option: `a prompt of ${size(prompt)} ${unit}`,
      reason: `${title} takes at most ${limit} ${unit}`,
      instead: 'Put the text in a file and name the file in the prompt.',
    }
  }

  return undefined
}

/** Code points, as most languages count characters: a surrogate pair is one. */
function codePoints(text: string): number {
  let count = 0
  for (let index = 0; index < text.length; index++, count++) {
    if (text.codePointAt(index)! > 0xff_ff) index++
  }

  return count
}

function unsupportedOption({capabilities, title}: Descriptor, turn: Turn): Refusal | undefined {
  const refuse = (option: string): Refusal => ({kind: 'refusal', option, reason: `${title} cannot do that`})
  const {kind} = turn.session
  if (kind === 'resume' && !capabilities.resume) return refuse('resuming a session')
  if (kind === 'ephemeral' && !capabilities.ephemeral) return refuse('--ephemeral')
  for (const [name, {capability, flag}] of Object.entries<TurnOption>(TURN_OPTIONS)) {
    if (capability && !capabilities[capability] && isGiven(turn[name as keyof Turn]))
      return refuse(`--${flag}`)
  }

  return undefined
}

function unsupportedMode(
  option: string,
  mode: string,
  supported: readonly string[] = [],
  title: string,
): Refusal | undefined {
  if (mode === 'default' || supported.includes(mode)) return undefined
  return {
    kind: 'refusal',
    option: `${option} ${mode}`,
    reason: `${title} does not support it`,
    instead:
      supported.length > 0
        ? `${title} supports ${option} ${['default', ...supported].join(', ')}.`
        : undefined,
  }
}

/** Whether the refused option was set by the settings: then a message that names a flag would puzzle the user. */
function comesFromSettings(option: string, request: TurnRequest): boolean {
  return Object.entries<TurnOption>(TURN_OPTIONS).some(
    ([name, {backendSetting, flag, unifiedSetting}]) =>
      (backendSetting ?? unifiedSetting) !== undefined &&
      option.includes(`--${flag}`) &&
      !isGiven(request[name as keyof TurnRequest]),
  )
}

const NOBODY_TO_ASK: Refusal = {
  kind: 'refusal',
  option: '--approval-mode always',
  reason: 'nobody can be asked while clinvk runs the agent',
  instead: 'Use `clinvk resume` without a prompt to work in the agent itself, or --approval-mode none.',
}
