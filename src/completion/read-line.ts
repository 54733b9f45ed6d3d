import type {Command, Interfaces} from '@oclif/core'

/** What the words before the cursor say. */
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
  const isTopic = words.length === named.length && (words.length === 0 || hasChildren(named.id, config))
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

/** The longest beginning that is a command or a topic. */
function namedBy(words: readonly string[], config: Interfaces.Config): {id: string; length: number} {
  const end = words.findIndex((word) => word.startsWith('-'))
  for (let length = end === -1 ? words.length : end; length > 0; length--) {
    const id = words.slice(0, length).join(':')
    if (config.findCommand(id) ?? config.findTopic(id)) return {id, length}
  }

  return {id: '', length: 0}
}

function hasChildren(id: string, {commands}: Interfaces.Config): boolean {
  return commands.some((command) => command.id.startsWith(`${id}:`))
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
    else {
      const found = word.startsWith('-') ? flagNamed(word, command) : undefined
      if (!found) {
        if (!word.startsWith('-') || word === '-') args.push(word)
        continue
      }

      const {flag, value} = found
      const values = flags.get(flag.name) ?? []
      flags.set(flag.name, values)
      if (flag.type !== 'option') continue
      if (value === undefined) open = flag
      else values.push(value)
    }
  }

  return {args, flags, open, isEnded: false}
}
