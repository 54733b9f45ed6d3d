import {join} from 'node:path'
import {type Config, run, settings} from '@oclif/core'
import {drained, outputLoss, watchOutput} from './output/standard-streams.js'
import {reportError, reportLoss} from './report-error.js'
import {route} from './route.js'
import {loadConfig, pluginProblems} from './start/load-config.js'
import {watchEnd} from './start/watch-end.js'

/**
 * Runs the CLI: the one boundary for errors and exit. oclif's own `execute`
 * gives output ten seconds to leave and then cuts it off; here a reader may
 * take its time, and a plugin that holds something open cannot keep us alive.
 */
export async function main(root: string): Promise<never> {
  const argv = process.argv.slice(2)
  // While a backend is imported, `process.exit` is refused; it may hang for longer than we wait.
  const exit: () => never = process.exit.bind(process)
  watchOutput()
  moveOclifHome(process.env)
  // What ships is what runs: no looking for TypeScript sources beside it.
  settings.enableAutoTranspile = false
  let config: Config | undefined
  let command = ''
  const isOver = watchEnd(argv, () => ({config, command}))
  try {
    config = await loadConfig(root, process.env)
    if (argv[0] === '__complete') {
      // Not by oclif's `run`: it would import, on each TAB, what plugins want done before a command.
      const {complete} = await import('./completion/complete.js')
      await complete(argv.slice(1), config)
    } else {
      const words = route(argv, config)
      command = commandName(words, config)
      nameProblems(config, command)
      await run(words, config)
    }
  } catch (error) {
    process.exitCode = reportError(await named(error, config, command), argv, command)
  }

  await drained()
  const loss = outputLoss()
  if (loss) process.exitCode = reportLoss(loss, process.exitCode)
  isOver()
  exit()
}

function commandName([first = '', second = '']: readonly string[], config: Config): string {
  if (config.findCommand(`${first}:${second}`)) return `${first} ${second}`
  return config.findCommand(first) ? first : ''
}

/** Whatever is asked, a user shall know that a plugin is not used. Doctor says more of it; hidden commands talk to shells. */
function nameProblems(config: Config, command: string): void {
  if (command === 'doctor' || config.findCommand(command.replace(' ', ':'))?.hidden) return
  for (const {message} of pluginProblems(config))
    process.stderr.write(`Note: ${message} More: clinvk doctor\n`)
}

/** What fails in a command of somebody else is no bug of ours. */
async function named(error: unknown, config: Config | undefined, command: string): Promise<unknown> {
  const {pluginName, pluginType} = config?.findCommand(command.replace(' ', ':')) ?? {}
  if (pluginName === undefined || pluginType === 'core') return error
  const {pluginFailure} = await import('./plugin-failure.js')
  return pluginFailure(error, command, pluginName)
}

/** `CLINVK_HOME` moves what oclif keeps, too. */
function moveOclifHome(env: NodeJS.ProcessEnv): void {
  const {CLINVK_HOME: home} = env
  if (!home) return
  env.CLINVK_DATA_DIR ??= join(home, 'plugins')
  env.CLINVK_CONFIG_DIR ??= join(home, 'oclif')
  env.CLINVK_CACHE_DIR ??= join(home, 'cache')
}
