import type {Config} from '@oclif/core'
import type {IO} from 'clinvk-kit/io'
import {loadSettings} from 'clinvk-kit/settings/load'
import type {Settings} from 'clinvk-kit/settings/settings'
import {type Npm, npmOf} from './npm.js'
import {ownPlugins} from './plugin-list.js'
import {writableDirectory} from './staging.js'

export interface PluginContext {
  readonly config: Config
  readonly io: IO
  /** Where oclif keeps the user's plugins. */
  readonly dataDir: string
  readonly npm: Npm
  readonly trust: Settings['trust']
  readonly consent: Consent
}

/** How far the user has agreed already. */
export interface Consent {
  /** `--yes`: nothing is asked. */
  readonly yes: boolean
  readonly allowScripts: boolean
  /** What the user has typed, to be typed again with `--yes`. */
  readonly command: string
}

/** From now on Ctrl-C ends npm. Throws a Failure when settings or list are wrong, or nothing can be written. */
export async function pluginContext(config: Config, io: IO, consent: Consent): Promise<PluginContext> {
  // A project has no say in whose code is installed: of its settings, `trust` is ignored.
  const {trust} = await loadSettings({cwd: io.cwd, env: io.env})
  const dataDir = await writableDirectory(config.dataDir)
  ownPlugins(dataDir)
  const npm = npmOf(config, io.env, dataDir, io.interrupts().stop)
  return {config, io, dataDir, npm, trust, consent}
}
