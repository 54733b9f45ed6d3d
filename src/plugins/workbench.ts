import type {Config} from '@oclif/core'
import {currentDirectory} from 'clinvk-kit/current-directory'
import {loadSettings} from 'clinvk-kit/settings/load'
import type {Settings} from 'clinvk-kit/settings/settings'
import {listenForInterrupts} from 'clinvk-kit/turn/interrupts'
import {makeWritable} from './change-plugins.js'
import {Npm} from './npm.js'
import {ownPlugins} from './plugins-file.js'

/** What changing plugins needs. */
export interface Workbench {
  readonly config: Config
  /** Where oclif keeps the user's plugins. */
  readonly dataDir: string
  readonly npm: Npm
  readonly trust: Settings['trust']
}

/**
 * From now on Ctrl-C ends npm, and what was begun is taken back. Throws a Failure
 * when settings or the list of plugins are wrong, or plugins cannot be kept.
 */
export async function workbench(config: Config): Promise<Workbench> {
  // Without a project: whose code comes in is for the user alone to say.
  const {trust} = await loadSettings({cwd: currentDirectory(), env: process.env})
  // What cannot work is said before anything is asked.
  await makeWritable(config.dataDir)
  await ownPlugins(config.dataDir)
  const {stop} = listenForInterrupts()
  return {config, dataDir: config.dataDir, npm: new Npm(config, process.env, stop), trust}
}
