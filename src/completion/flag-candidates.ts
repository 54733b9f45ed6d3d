import type {Candidate} from 'clinvk-kit/hooks/complete'
import {oneLine} from 'clinvk-kit/format/text'
import type {Flag, Line} from './read-line.js'

/** The flags that may be given besides those that are: long ones, and behind a single dash the short ones, too. */
export function flagCandidates(current: string, {command, flags: given}: Line): Candidate[] {
  const all = Object.values(command?.flags ?? {})
  const barred = new Set(all.filter(({name}) => given.has(name)).flatMap((flag) => exclusive(flag)))
  const known = all.filter(
    (flag) =>
      !flag.hidden &&
      !barred.has(flag.name) &&
      !exclusive(flag).some((other) => given.has(other)) &&
      (!given.has(flag.name) || (flag.type === 'option' && flag.multiple === true)),
  )
  const long = known.flatMap((flag) => longNames(flag, current).map((name) => candidate(`--${name}`, flag)))
  const short = known.flatMap((flag) => (flag.char === undefined ? [] : [candidate(`-${flag.char}`, flag)]))
  const help = known.some(({name}) => name === 'help') ? [] : HELP
  return [...(current.startsWith('--') ? [] : short), ...long, ...help]
}

/** Flags that do not go with it; that also goes the other way round. */
function exclusive(flag: Flag): string[] {
  return (flag.exclusive ?? []).filter((other) => typeof other === 'string')
}

/** An alias, and the switch that turns another one off, only when one has begun to type it. */
function longNames(flag: Flag, current: string): string[] {
  const others = [
    ...(flag.aliases ?? []).filter((alias) => alias.length > 1),
    ...(flag.type === 'boolean' && flag.allowNo ? [`no-${flag.name}`] : []),
  ]
  return [flag.name, ...others.filter((name) => current.length > 2 && `--${name}`.startsWith(current))]
}

function candidate(value: string, {description, summary}: Flag): Candidate {
  const text = summary ?? description
  return {value, description: text === undefined ? undefined : oneLine(text)}
}

const HELP: readonly Candidate[] = [{value: '--help', description: 'Show help.'}]
