import type {Descriptor, Refusal, Turn} from 'clinvk-contract'
import {Failure} from '../errors/failure.js'
import {isGiven, TURN_OPTIONS, type TurnOption, type TurnRequest} from './request.js'

/** What the descriptor already rules out, before the backend is asked. */
export function refusalByDescriptor(
  {capabilities, limits = {}, title}: Descriptor,
  turn: Turn,
): Refusal | undefined {
  const {approval, prompt, sandbox, session} = turn
  const refuse = (option: string, reason = `${title} cannot do that`, instead?: string): Refusal => ({
    kind: 'refusal',
    option,
    reason,
    instead,
  })
  for (const [unit, limit, size] of [
    ['bytes', limits.promptBytes, (text: string) => Buffer.byteLength(text)],
    // As most languages count characters: a surrogate pair is one.
    [
      'characters',
      limits.promptCharacters,
      (text: string) => text.replaceAll(/[\u{10000}-\u{10FFFF}]/gu, '_').length,
    ],
    ['characters (UTF-16)', limits.promptUnits, (text: string) => text.length],
  ] as const) {
    if (limit !== undefined && size(prompt) > limit)
      return refuse(
        `a prompt of ${size(prompt)} ${unit}`,
        `${title} takes at most ${limit} ${unit}`,
        'Put the text in a file and name the file in the prompt.',
      )
  }

  if (approval === 'always')
    return refuse(
      '--approval-mode always',
      'nobody can be asked while clinvk runs the agent',
      'Use `clinvk resume` without a prompt to work in the agent itself, or --approval-mode none.',
    )
  if (session.kind === 'resume' && !capabilities.resume) return refuse('resuming a session')
  if (session.kind === 'ephemeral' && !capabilities.ephemeral) return refuse('--ephemeral')
  for (const [name, {capability, flag}] of Object.entries<TurnOption>(TURN_OPTIONS)) {
    if (capability && !capabilities[capability] && isGiven(turn[name as keyof Turn]))
      return refuse(`--${flag}`)
  }

  for (const [flag, mode, supported = []] of [
    ['--approval-mode', approval, capabilities.approval],
    ['--sandbox-mode', sandbox, capabilities.sandbox],
  ] as const) {
    if (mode === 'default' || (supported as readonly string[]).includes(mode)) continue
    const instead = `${title} supports ${flag} ${['default', ...supported].join(', ')}.`
    const reason = `${title} does not support it`
    return refuse(`${flag} ${mode}`, reason, supported.length > 0 ? instead : undefined)
  }

  return undefined
}

/** The Failure for something that a backend cannot do; `request` is what the user typed. */
export function refusalFailure({option, reason, instead}: Refusal, request?: TurnRequest): Failure {
  // A message that names a flag would puzzle a user who did not type it.
  const comesFromSettings = Object.entries<TurnOption>(TURN_OPTIONS).some(
    ([name, {flag, isSetting}]) =>
      isSetting && option.includes(`--${flag}`) && request && !isGiven(request[name as keyof TurnRequest]),
  )
  const hints = [
    ...(instead === undefined ? [] : [instead]),
    ...(comesFromSettings ? ['What was not typed comes from the settings: clinvk config show'] : []),
  ]
  return new Failure('refused', `${option} is refused: ${reason}.`, hints)
}
