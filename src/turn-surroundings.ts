import {resolve} from 'node:path'
import type {Config} from '@oclif/core'
import type {BackendEntry} from 'clinvk-kit/backends/discover'
import {backendsOf} from 'clinvk-kit/backends/discover'
import {currentDirectory} from 'clinvk-kit/current-directory'
import {loadSettings} from 'clinvk-kit/settings/load'
import type {Settings} from 'clinvk-kit/settings/settings'
import type {TurnContext, TurnOutput} from 'clinvk-kit/turn/context'
import {turnHooks} from './turn-hooks.js'

/** What turns of one command have in common. */
export interface Surroundings {
  /** Where the user stands (absolute). */
  readonly cwd: string
  /** Where the work is: `--workdir`, else `cwd`. */
  readonly place: string
  /** In force at `place`. */
  readonly settings: Settings
  readonly backends: ReadonlyMap<string, BackendEntry>
  /** What the user should know of settings and plugins before anything runs. */
  readonly notes: readonly string[]
  /** For one turn; each may have an output of its own. */
  context(output: TurnOutput): TurnContext
}

/** Reads settings and finds backends. Throws a Failure of kind `config`. */
export async function lookAround(
  config: Config,
  flags: {readonly config?: string | undefined; readonly workdir?: string | undefined},
): Promise<Surroundings> {
  const cwd = currentDirectory()
  const {backends, problems} = backendsOf(config)
  const notes = new Set(problems)
  const settingsOf = (project: string, warn: (message: string) => void) => {
    const installed = {backends, plugins: config.plugins.keys()}
    return loadSettings({cwd, env: process.env, file: flags.config, installed, project}, warn)
  }

  const place = resolve(cwd, flags.workdir ?? '')
  const settings = await settingsOf(place, (warning) => notes.add(warning))
  const known = new Map([[place, Promise.resolve(settings)]])
  return {
    cwd,
    place,
    settings,
    backends,
    notes: [...notes],
    context(output) {
      const notice = output.notice.bind(output)
      const settingsIn = (directory: string) => {
        const found =
          known.get(directory) ??
          settingsOf(directory, (warning) => {
            if (notes.has(warning)) return
            notes.add(warning)
            notice(warning)
          })
        known.set(directory, found)
        return found
      }

      // A copy: what a plugin does to the environment of clinvk does not reach the agent.
      const env = Object.freeze({...process.env})
      return {cwd, env, settings, settingsIn, backends, hooks: turnHooks(config, notice), output}
    },
  }
}
