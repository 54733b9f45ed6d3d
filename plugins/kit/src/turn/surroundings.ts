import {resolve} from 'node:path'
import type {Config} from '@oclif/core'
import {type BackendEntry, backendsOf} from '../backends/discover.js'
import type {IO} from '../io.js'
import {loadSettings} from '../settings/load.js'
import type {Settings} from '../settings/settings.js'
import type {TurnContext, TurnOutput} from './context.js'
import {turnHooks} from './hooks.js'

/** What holds where turns are started. */
export interface Surroundings {
  readonly io: IO
  /** Absolute: `--workdir`, else the current directory. */
  readonly place: string
  /** In force at `place`. */
  readonly settings: Settings
  readonly backends: ReadonlyMap<string, BackendEntry>
  /** What the user should know of settings and plugins before anything runs. */
  readonly notes: readonly string[]
  /** The context of one turn: its output, and the settings of its directory. */
  turn(output: TurnOutput, directory?: string): Promise<TurnContext>
}

/** Reads settings and finds backends. `file` is that of `--config`. Throws a Failure of kind `config`. */
export async function lookAround(
  config: Config,
  io: IO,
  {file, workdir = ''}: {readonly file?: string; readonly workdir?: string},
): Promise<Surroundings> {
  const {cwd, env} = io
  const {backends, problems} = await backendsOf(config)
  const notes = new Set(problems)
  const known = new Map<string, Promise<Settings>>()
  const settingsOf = (project: string, warn: (message: string) => void) => {
    const installed = {backends, plugins: config.plugins.keys()}
    const found = known.get(project) ?? loadSettings({cwd, env, file, installed, project}, warn)
    known.set(project, found)
    return found
  }
  const place = resolve(cwd, workdir)
  const settings = await settingsOf(place, (warning) => notes.add(warning))
  return {
    io,
    place,
    settings,
    backends,
    notes: [...notes],
    async turn(output, directory = place) {
      const notice = output.notice.bind(output)
      const settingsIn = (project: string) =>
        settingsOf(project, (warning) => {
          if (notes.has(warning)) return
          notes.add(warning)
          notice(warning)
        })
      const hooks = turnHooks(config, notice)
      return {cwd, env, settings: await settingsIn(directory), settingsIn, backends, hooks, output}
    },
  }
}
