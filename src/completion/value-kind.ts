import type {Command} from '@oclif/core'
import type {Completion} from 'clinvk-kit/hooks/complete'
import type {Flag, Line} from './read-line.js'

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
    completionOf(command).args?.[arg.name] ?? OF_OTHERS[command.id] ?? kindOfHelpValue(arg.name.toUpperCase())
  return {kind, options: arg.options, isRepeated}
}

/** What a flag takes: as its command says, else by its name or the word that help shows for its value. */
export function kindOfFlag(flag: Flag, {command}: Line): string | undefined {
  const own = completionOf(command).flags?.[flag.name]
  if (own !== undefined || flag.type !== 'option') return own
  return BY_NAME[flag.name] ?? kindOfHelpValue([flag.helpValue ?? ''].flat()[0]!)
}

function completionOf(command: Command.Loadable | undefined): Completion {
  const {completion} = (command ?? {}) as {completion?: unknown}
  return typeof completion === 'object' && completion !== null ? completion : {}
}

function kindOfHelpValue(word: string): string | undefined {
  return Object.hasOwn(BY_HELP_VALUE, word) ? BY_HELP_VALUE[word] : undefined
}

const BY_NAME: Record<string, string | undefined> = {
  'approval-mode': 'approval',
  backend: 'backend',
  model: 'model',
  'sandbox-mode': 'sandbox',
}

const BY_HELP_VALUE: Record<string, string> = {
  BACKEND: 'backend',
  DIR: 'directory',
  DIRECTORY: 'directory',
  FILE: 'file',
  MODEL: 'model',
  PATH: 'file',
  TAG: 'tag',
}

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
