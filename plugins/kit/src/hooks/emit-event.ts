import type {Config} from '@oclif/core'
import {runHook} from './run-hook.js'

/**
 * Tells the plugins that listen to `event`. One that fails or hangs is named by
 * `notice` and never hurts what is being told.
 */
export async function emitEvent(
  config: Config,
  event: string,
  about: object,
  notice: (message: string) => void,
): Promise<void> {
  const {failures} = await runHook(config, event, about, LISTENER_MS)
  for (const {message, plugin} of failures) notice(`${plugin} failed on ${event}: ${message}`)
}

const LISTENER_MS = 5000
