import type {Interfaces} from '@oclif/core'
import {backendsOf} from 'clinvk-kit/backends/discover'
import {Failure} from 'clinvk-kit/errors/failure'
import {nearest} from 'clinvk-kit/format/text'
import type {OwnPlugin} from './plugin-list.js'

/**
 * The user's plugin that an argument means: by its package, that package without `clinvk-backend-` or
 * `clinvk-plugin-`, one of its backends, or the directory that it is linked to.
 */
export async function findOwnPlugin(
  word: string,
  own: readonly OwnPlugin[],
  config: Interfaces.Config,
  directory?: string,
): Promise<OwnPlugin> {
  const provider = (await backendsOf(config)).backends.get(word)?.plugin
  const found =
    own.find(({name}) => name === word) ??
    own.find(({name}) => shortName(name) === word) ??
    own.find(({name}) => name === provider) ??
    own.find((plugin) => plugin.type === 'link' && plugin.root === directory)
  if (found) return found
  const core = [...config.plugins.values()].find(
    ({name, type}) => type === 'core' && (name === word || shortName(name) === word) && name !== config.name,
  )
  if (core) {
    throw new Failure(
      'usage',
      `${core.name} came with clinvk; you have not installed your own version of it.`,
      [
        ...(core.name.startsWith('clinvk-backend-')
          ? [`To disable its backend: clinvk config set backends.${shortName(core.name)}.enabled false`]
          : []),
      ],
    )
  }

  const names = own.map(({name}) => name)
  const near = nearest(word, [...names, ...names.map((name) => shortName(name))])
  throw new Failure('usage', `You have not installed a plugin named ${word}.`, [
    ...(near === undefined ? [] : [`Did you mean: ${near}`]),
    names.length === 0 ? 'You have installed no plugins.' : `Installed: ${names.join(', ')}`,
  ])
}

/** `clinvk-backend-echo` is also `echo`. */
export function shortName(name: string): string {
  return name.replace(/^(@[^/]+\/)?clinvk-(?:backend|plugin)-/, '')
}
