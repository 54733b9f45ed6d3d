import {settings} from '@oclif/core/settings'
import type {IO} from 'clinvk-kit/io'
import {reportError} from './errors/report-error.js'
import {pluginFailure} from './errors/usage-failure.js'
import {isHelpFlag, route} from './route.js'
import type {ClinvkConfig} from './startup/clinvk-config.js'
import {loadConfig, pluginProblems} from './startup/load-config.js'

/** What is known so far of the command that runs, for who watches the process. */
export interface Progress {
  config?: ClinvkConfig
  /** As the user writes it, `sessions list`; absent while no command is known. */
  command?: string
}

/**
 * Runs clinvk for the words of a command line and returns the exit code. Everything comes from `io`: it can be
 * called many times in one process. `root` is the directory of clinvk's package.json.
 */
export async function main(
  argv: readonly string[],
  io: IO,
  root: string,
  progress: Progress = {},
): Promise<number> {
  // What ships is what runs: no looking for TypeScript sources beside it.
  settings.enableAutoTranspile = false
  try {
    const config = await loadConfig(root, io)
    progress.config = config
    if (argv[0] === '__complete') {
      // Without hooks: on each TAB, `init` would import what plugins want done before a command.
      const {complete} = await import('./completion/complete.js')
      await complete(argv.slice(1), config, io)
      return 0
    }
    return await runWords(route(argv, config, io), config, io, progress)
  } catch (error) {
    const {command, config} = progress
    return reportError(attributed(error, progress), {argv, io, command, output: config?.output})
  }
}

/** What oclif's `run` does, which would make a new, plain Config first. */
async function runWords(words: string[], config: ClinvkConfig, io: IO, progress: Progress): Promise<number> {
  const {argv, id} = commandIn(words, config)
  const command = config.findCommand(id)
  if (command) progress.command = id.replaceAll(':', ' ')
  notePluginProblems(config, io, command)
  await config.runHook('init', {argv, id})
  let failure: Error | undefined
  try {
    if (asksForHelp(words, config) || (!command && config.findTopic(id))) {
      const {default: Help} = await import('./help.js')
      await new Help(config, config.pjson.oclif.helpOptions).showHelp(words)
      return 0
    }
    const result = await config.runCommand(id, argv, command)
    return typeof result === 'number' ? result : 0
  } catch (error) {
    failure = error as Error
    throw error
  } finally {
    await config.runHook('finally', {argv, id, Command: command, error: failure})
  }
}

/**
 * The id of the command that the first words name, and the words behind it. As oclif's `normalizeArgv`, which collects all
 * ids first at each start: a word that is neither a command nor a topic belongs to the id unless the command takes
 * arguments, so that `sessions lst` can be reported.
 */
function commandIn(words: readonly string[], config: ClinvkConfig): {id: string; argv: string[]} {
  const [first = ''] = words
  if (first.includes(':')) return {id: first, argv: words.slice(1)}
  let id = ''
  for (const [index, word] of words.entries()) {
    const longer = id === '' ? word : `${id}:${word}`
    const isKnown = (config.findCommand(longer) ?? config.findTopic(longer)) !== undefined
    if (!isKnown && (/^-|=/.test(word) || takesArguments(id, config))) return {id, argv: words.slice(index)}
    id = longer
  }
  return {id, argv: []}
}

function takesArguments(id: string, config: ClinvkConfig): boolean {
  const {args = {}, strict} = config.findCommand(id) ?? {}
  return strict === false || Object.keys(args).length > 0
}

function asksForHelp(words: readonly string[], config: ClinvkConfig): boolean {
  const end = words.indexOf('--')
  return (
    words.length === 0 ||
    words.slice(0, end === -1 ? undefined : end).some((word) => isHelpFlag(word, config))
  )
}

/** Doctor says more of a plugin that is not used, and the output of hidden commands is read by shells. */
function notePluginProblems(
  config: ClinvkConfig,
  {stderr}: IO,
  command: {id: string; hidden?: boolean | undefined} | undefined,
): void {
  if (command?.id === 'doctor' || command?.hidden) return
  for (const {message} of pluginProblems(config)) stderr.write(`Note: ${message} More: clinvk doctor\n`)
}

/** What fails in a command of a user's plugin is no bug of ours. */
function attributed(error: unknown, {command = '', config}: Progress): unknown {
  const {pluginName, pluginType} = config?.findCommand(command.replaceAll(' ', ':')) ?? {}
  return pluginName === undefined || pluginType === 'core' ? error : pluginFailure(error, command, pluginName)
}
