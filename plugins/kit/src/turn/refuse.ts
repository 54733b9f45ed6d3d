import type {Descriptor, Refusal, Turn} from 'clinvk-contract'
import {Failure} from '../errors/failure.js'
import type {Settings} from '../settings/settings.js'
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

/** What a turn was asked for, and the settings that say the rest. */
interface Asked {
  readonly request: TurnRequest
  readonly settings: Settings
  readonly backend: string
}

/** The Failure for something that a backend cannot do. It names the setting where the user has not typed the option. */
export function refusalFailure({instead, option, reason}: Refusal, asked?: Asked): Failure {
  const hints = instead === undefined ? [] : [instead]
  const [, {field = '', flag} = {}] =
    Object.entries<TurnOption>(TURN_OPTIONS).find(
      ([name, one]) =>
        one.isSetting &&
        option.includes(`--${one.flag}`) &&
        asked &&
        !isGiven(asked.request[name as keyof TurnRequest]),
    ) ?? []
  if (!asked || flag === undefined) return new Failure('refused', `${option} is refused: ${reason}.`, hints)
  const {backend, settings} = asked
  const {key, own} = settingOf(backend, field, settings)
  if (key !== own) hints.push(`For ${backend} alone: clinvk config set ${own} VALUE`)
  hints.push('Where it is set: clinvk config show')
  return new Failure('refused', `${option.replace(`--${flag}`, key)} is refused: ${reason}.`, hints)
}

/** One sentence for each agent to which every prompt is refused because of a mode in the settings. */
export function refusedModes(
  settings: Settings,
  backends: ReadonlyMap<
    string,
    {readonly descriptor: Pick<Descriptor, 'capabilities'> & {executable?: string}}
  >,
): string[] {
  return [...backends].flatMap(([name, {descriptor}]) => {
    const {approval = [], sandbox = []} = descriptor.capabilities
    const own = settings.backends[name] ?? {}
    // A script of a plugin, such as echo, is no agent that anybody restricts.
    if (own.enabled === false || descriptor.executable?.startsWith('./')) return []
    const modes = {approval_mode: approval, sandbox_mode: sandbox} as const
    return (Object.keys(modes) as (keyof typeof modes)[]).flatMap((field) => {
      const mode = own[field] ?? settings.unified_flags[field]
      if (mode === 'default' || (modes[field] as readonly string[]).includes(mode)) return []
      const {key, own: alone} = settingOf(name, field, settings)
      return `${key} is ${mode}, so prompts to ${name} are refused. For ${name} alone: clinvk config set ${alone} VALUE`
    })
  })
}

/** The setting that decides about a field of a turn, and the one that is about this backend alone. */
function settingOf(backend: string, field: string, settings: Settings): {key: string; own: string} {
  const name = field === 'extra' ? 'extra_flags' : field
  const own = `backends.${backend}.${name}`
  const isUnified = name in settings.unified_flags && !Object.hasOwn(settings.backends[backend] ?? {}, name)
  return {key: isUnified ? `unified_flags.${name}` : own, own}
}
