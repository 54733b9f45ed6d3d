import type {Command, Interfaces} from '@oclif/core'
import type {Completion} from 'clinvk-kit/hooks/complete'

export interface Line {
  /** The command that they name, the one of a plain prompt where they name none; undefined behind a mere topic. */
  readonly command?: Command.Loadable | undefined
  /** The words so far are names of topics and commands, so a further one may follow: `sessions`, or `` at the beginning. */
  readonly topic?: string | undefined
  readonly args: readonly string[]
  /** By long name; a switch has no values. */
  readonly flags: ReadonlyMap<string, readonly string[]>
  /** The flag that the next word is the value of. */
  readonly open?: Flag | undefined
  /** `--` was given: no flags any more. */
  readonly isEnded: boolean
}

export type Flag = Command.Flag.Cached

/** Reads the words of a command line as they will be understood, as far as it goes. */
export function readLine(words: readonly string[], config: Interfaces.Config): Line {
  const named = namedBy(words, config)
  const rest = words.slice(named.length)
  const hasChildren = named.id === '' || config.commands.some(({id}) => id.startsWith(`${named.id}:`))
  const isTopic = words.length === named.length && hasChildren
  const command = config.findCommand(named.length === 0 ? 'prompt' : named.id)
  return {...readRest(rest, command), command, topic: isTopic ? named.id : undefined}
}

/** The flag that a word names, `--file`, `--file=x`, `-f` or `-fx`, with the value in it. */
export function flagNamed(
  word: string,
  command: Command.Loadable | undefined,
): {flag: Flag; value?: string} | undefined {
  const flags = Object.values(command?.flags ?? {})
  const [, long, inLong] = /^--([^=]+)(?:=([^]*))?$/.exec(word) ?? []
  if (long !== undefined) {
    const flag = flags.find(
      (known) =>
        known.name === long ||
        known.aliases?.includes(long) === true ||
        (known.type === 'boolean' && known.allowNo && long === `no-${known.name}`),
    )
    return flag && {flag, ...(inLong === undefined ? {} : {value: inLong})}
  }
  const [, short, inShort] = /^-([^-])([^]*)$/.exec(word) ?? []
  const flag = short === undefined ? undefined : flags.find((known) => known.char === short)
  return flag && {flag, ...(inShort ? {value: inShort.replace(/^=/, '')} : {})}
}

/** What is wanted as the next argument. A command that takes any number repeats its last one. */
export function kindOfArg({args, command}: Line): {
  kind: string | undefined
  options?: readonly string[] | undefined
  isRepeated: boolean
} {
  const known = Object.values(command?.args ?? {})
  const last = known.at(-1)
  const isRepeated = args.length >= known.length - 1 && (command?.strict === false || last?.multiple === true)
  const arg = known[args.length] ?? (isRepeated ? last : undefined)
  if (!command || !arg) return {kind: undefined, isRepeated: false}
  const kind =
    completionOf(command).args?.[arg.name] ??
    OF_OTHERS[command.id] ??
    BY_HELP_VALUE.get(arg.name.toUpperCase())
  return {kind, options: arg.options, isRepeated}
}

/** What a flag takes: as its command says, else by its name or the word that help shows for its value. */
export function kindOfFlag(flag: Flag, {command}: Line): string | undefined {
  const own = completionOf(command).flags?.[flag.name]
  if (own !== undefined || flag.type !== 'option') return own
  return BY_NAME[flag.name] ?? BY_HELP_VALUE.get([flag.helpValue ?? ''].flat()[0]!)
}

function namedBy(words: readonly string[], config: Interfaces.Config): {id: string; length: number} {
  const end = words.findIndex((word) => word.startsWith('-'))
  for (let length = end === -1 ? words.length : end; length > 0; length--) {
    const id = words.slice(0, length).join(':')
    if (config.findCommand(id) ?? config.findTopic(id)) return {id, length}
  }
  return {id: '', length: 0}
}

function readRest(
  words: readonly string[],
  command: Command.Loadable | undefined,
): Omit<Line, 'command' | 'topic'> {
  const args: string[] = []
  const flags = new Map<string, string[]>()
  let open: Flag | undefined
  for (const [index, word] of words.entries()) {
    if (open) {
      flags.get(open.name)!.push(word)
      open = undefined
    } else if (word === '--') return {args: [...args, ...words.slice(index + 1)], flags, isEnded: true}
    else if (!word.startsWith('-') || word === '-') args.push(word)
    else {
      const {flag, value} = flagNamed(word, command) ?? {}
      if (!flag) continue
      const given = value === undefined || flag.type !== 'option' ? [] : [value]
      flags.set(flag.name, [...(flags.get(flag.name) ?? []), ...given])
      if (flag.type === 'option' && value === undefined) open = flag
    }
  }
  return {args, flags, open, isEnded: false}
}

function completionOf(command: Command.Loadable | undefined): Completion {
  return Object((command as {completion?: unknown} | undefined)?.completion) as Completion
}

const BY_NAME: Record<string, string | undefined> = {
  'approval-mode': 'approval',
  backend: 'backend',
  fallback: 'backend',
  model: 'model',
  'sandbox-mode': 'sandbox',
}

const BY_HELP_VALUE = new Map([
  ['BACKEND', 'backend'],
  ['DIR', 'directory'],
  ['DIRECTORY', 'directory'],
  ['FILE', 'file'],
  ['FILE|JSON', 'file'],
  ['MODEL', 'model'],
  ['PATH', 'file'],
  ['TAG', 'tag'],
])

/** The one kind of argument of commands that are oclif's, and cannot say it themselves. */
const OF_OTHERS: Record<string, string | undefined> = {
  help: 'command',
  'plugins:add': 'file',
  'plugins:inspect': 'plugin:any',
  'plugins:install': 'file',
  'plugins:link': 'directory',
  'plugins:remove': 'plugin',
  'plugins:uninstall': 'plugin',
  'plugins:unlink': 'plugin',
}
