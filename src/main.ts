import {join} from 'node:path'
import {Config, run, settings} from '@oclif/core'
import {drained, outputLoss, watchOutput} from './output/standard-streams.js'
import {reportError, reportLoss} from './report-error.js'
import {route} from './route.js'

/**
 * Runs the CLI: the one boundary for errors and exit. oclif's own `execute`
 * gives output ten seconds to leave and then cuts it off; here a reader may
 * take its time, and a plugin that holds something open cannot keep us alive.
 */
export async function main(root: string): Promise<never> {
  const argv = process.argv.slice(2)
  watchOutput()
  moveOclifHome(process.env)
  // What ships is what runs: no looking for TypeScript sources beside it.
  settings.enableAutoTranspile = false
  let command = ''
  const load = () => Config.load({root, userPlugins: !process.env.CLINVK_NO_PLUGINS})
  try {
    if (argv[0] === '__complete') {
      // Not by oclif's `run`: it would import, on each TAB, what plugins want done before a command.
      const {complete} = await import('./completion/complete.js')
      await complete(argv.slice(1), load)
    } else {
      const config = await load()
      const words = route(argv, config)
      command = commandName(words, config)
      await run(words, config)
    }
  } catch (error) {
    process.exitCode = reportError(error, argv, command)
  }

  await drained()
  const loss = outputLoss()
  if (loss) process.exitCode = reportLoss(loss, process.exitCode)
  process.exit()
}

function commandName([first = '', second = '']: readonly string[], config: Config): string {
  if (config.findCommand(`${first}:${second}`)) return `${first} ${second}`
  return config.findCommand(first) ? first : ''
}

/** `CLINVK_HOME` moves what oclif keeps, too. */
function moveOclifHome(env: NodeJS.ProcessEnv): void {
  const {CLINVK_HOME: home} = env
  if (!home) return
  env.CLINVK_DATA_DIR ??= join(home, 'plugins')
  env.CLINVK_CONFIG_DIR ??= join(home, 'oclif')
  env.CLINVK_CACHE_DIR ??= join(home, 'cache')
}
