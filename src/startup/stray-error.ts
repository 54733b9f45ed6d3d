import {existsSync, realpathSync} from 'node:fs'
import {sep} from 'node:path'
import type {Config} from '@oclif/core'
import {oneLine} from 'clinvk-kit/format/text'
import {messageOf} from 'clinvk-kit/errors/failure'

/**
 * The user's plugin that has thrown an error where nobody waits for it, in a timer
 * or in a promise of its own, as a sentence; undefined when it was none. By
 * the uppermost line of the stack that names a file.
 */
export function strayError(error: unknown, config: Config | undefined): string | undefined {
  const stack = error instanceof Error ? String(error.stack) : ''
  const [where] = stack.split('\n').filter((line) => /^\s+at .*[/\\]/.test(line) && !line.includes('(node:'))
  if (where === undefined) return undefined
  const plugin = config
    ?.getPluginsList()
    .find(({root, type}) => type !== 'core' && placesOf(root).some((place) => where.includes(place)))
  return plugin && `The plugin ${plugin.name} failed where nothing waits for it: ${oneLine(messageOf(error))}`
}

/** A linked directory may be reached by a link; Node names files by their real paths. */
function placesOf(root: string): string[] {
  const real = existsSync(root) ? realpathSync(root) : root
  return [root, real].map((place) => place + sep)
}
