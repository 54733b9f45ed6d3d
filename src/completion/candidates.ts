import type {Interfaces} from '@oclif/core'
import {oneLine} from 'clinvk-kit/format/text'
import type {Candidate} from 'clinvk-kit/hooks/complete'
import type {Flag, Line} from './read-line.js'

/** The commands and topics right below `topic` (`` for the first word) that begin so; an alias only once its beginning is typed. */
export function commandCandidates(topic: string, beginning: string, config: Interfaces.Config): Candidate[] {
  const above = topic === '' ? '' : `${topic}:`
  const found = new Map<string, string | undefined>()
  for (const {aliases, hidden, hiddenAliases, id} of config.commands) {
    const isAlias = aliases.includes(id) || hiddenAliases.includes(id)
    if ((hidden && !isAlias) || !id.startsWith(above) || id.length === above.length) continue
    const [name] = id.slice(above.length).split(':')
    if (name!.startsWith(beginning) && !(beginning === '' && isAlias))
      found.set(name!, descriptionOf(above + name!, config))
  }
  return [...found]
    .map(([value, description]) => ({value, description}))
    .sort((a, b) => (a.value < b.value ? -1 : 1))
}

/** The flags that may be given besides those that are: long ones, and behind a single dash the short ones, too. */
export function flagCandidates(current: string, {command, flags: given}: Line): Candidate[] {
  const all = Object.values(command?.flags ?? {})
  const excluded = new Set(all.filter(({name}) => given.has(name)).flatMap((flag) => flag.exclusive ?? []))
  const known = all.filter(
    (flag) =>
      !flag.hidden &&
      !excluded.has(flag.name) &&
      !(flag.exclusive ?? []).some((other) => typeof other === 'string' && given.has(other)) &&
      (!given.has(flag.name) || (flag.type === 'option' && flag.multiple === true)),
  )
  const long = known.flatMap((flag) => longNames(flag, current).map((name) => candidate(`--${name}`, flag)))
  const short = known.flatMap((flag) => (flag.char === undefined ? [] : [candidate(`-${flag.char}`, flag)]))
  const help = known.some(({name}) => name === 'help') ? [] : [{value: '--help', description: 'Show help.'}]
  return [...(current.startsWith('--') ? [] : short), ...long, ...help].filter(({value}) =>
    value.startsWith(current),
  )
}

/** The first line of a manifest's text; undefined where it cannot be shown as it is. */
function descriptionOf(id: string, config: Interfaces.Config): string | undefined {
  const found = config.findCommand(id)
  // A hidden alias, as `sessions` for the list, does not say what the topic is.
  const command = found?.hidden && config.findTopic(id)?.description ? undefined : found
  const text = command?.summary ?? command?.description ?? config.findTopic(id)?.description ?? ''
  const [first = ''] = text.replaceAll('<%= config.bin %>', config.bin).trim().split('\n')
  return first === '' || first.includes('<%') ? undefined : oneLine(first)
}

/** An alias, and the switch that turns another one off, only once its beginning is typed. */
function longNames(flag: Flag, current: string): string[] {
  const others = [
    ...(flag.aliases ?? []).filter((alias) => alias.length > 1),
    ...(flag.type === 'boolean' && flag.allowNo ? [`no-${flag.name}`] : []),
  ]
  return [flag.name, ...others.filter((name) => current.length > 2 && `--${name}`.startsWith(current))]
}

function candidate(value: string, {description, summary}: Flag): Candidate {
  const text = (summary ?? description)?.split('\n')[0]?.replace(/:$/, '')
  return {value, description: text === undefined ? undefined : oneLine(text)}
}
