import {resolve} from 'node:path'
import type {Config} from '@oclif/core'
import {type BackendEntry, backendsOf} from 'clinvk-kit/backends/discover'
import {ioOf} from 'clinvk-kit/command'
import type {IO} from 'clinvk-kit/io'
import {loadSettings} from 'clinvk-kit/settings/load'
import type {Settings} from 'clinvk-kit/settings/settings'
import type {TurnContext, TurnOutput} from 'clinvk-kit/turn/context'
import type {OutputFormat} from 'clinvk-kit/turn/request'
import {outputChoice, type OutputFlags} from '../output/format.js'
import {Printer} from '../output/printer.js'
import type {ClinvkConfig} from '../startup/clinvk-config.js'
import {turnHooks} from './hooks.js'

export interface PromptContext {
  readonly io: IO
  readonly printer: Printer
  readonly format: OutputFormat
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

export interface ContextFlags extends OutputFlags {
  readonly config?: string
  readonly workdir?: string
}

/** Reads settings, finds backends and decides how to print. Throws a Failure of kind `config`. */
export async function loadContext(config: Config, flags: ContextFlags): Promise<PromptContext> {
  const io = ioOf(config)
  const {cwd, env} = io
  const {backends, problems} = await backendsOf(config)
  const notes = new Set(problems)
  const known = new Map<string, Promise<Settings>>()
  const settingsOf = (project: string, warn: (message: string) => void) => {
    const installed = {backends, plugins: config.plugins.keys()}
    const found = known.get(project) ?? loadSettings({cwd, env, file: flags.config, installed, project}, warn)
    known.set(project, found)
    return found
  }
  const place = resolve(cwd, flags.workdir ?? '')
  const settings = await settingsOf(place, (warning) => notes.add(warning))
  const output = outputChoice(flags, settings)
  // From here on errors are reported in this format, too.
  Object.assign(config, {output} satisfies Partial<ClinvkConfig>)
  return {
    io,
    printer: new Printer(io, output),
    format: output.format,
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
