import type {Interfaces} from '@oclif/core'
import {backendsOf} from 'clinvk-kit/backends/discover'
import {Failure} from 'clinvk-kit/failure'
import {nearest} from 'clinvk-kit/nearest'
import type {OwnPlugin} from './plugins-file.js'

/**
 * The plugin of the user's own that a word means: its package, that package
 * without `clinvk-backend-` or `clinvk-plugin-`, a backend that it brings, or
 * the directory that it is linked to. Throws a Failure of kind `usage` that
 * lists what there is.
 */
export function ownPluginNamed(
  word: string,
  own: readonly OwnPlugin[],
  config: Interfaces.Config,
  directory?: string,
): OwnPlugin {
  const brings = backendsOf(config).backends.get(word)?.plugin
  const found =
    own.find(({name}) => name === word) ??
    own.find(({name}) => shortName(name) === word) ??
    own.find(({name}) => name === brings) ??
    own.find((plugin) => plugin.type === 'link' && plugin.root === directory)
  if (found) return found
  const core = [...config.plugins.values()].find(
    ({name, type}) => type === 'core' && (name === word || shortName(name) === word) && name !== config.name,
  )
  if (core) {
    throw new Failure('usage', `${core.name} came with clinvk; you have not installed one of your own.`, [
      ...(core.name.startsWith('clinvk-backend-')
        ? [`To switch its backend off: clinvk config set backends.${shortName(core.name)}.enabled false`]
        : []),
    ])
  }

  const names = own.map(({name}) => name)
  const near = nearest(word, [...names, ...names.map((name) => shortName(name))])
  throw new Failure('usage', `There is no plugin ${word} that you have installed.`, [
    ...(near === undefined ? [] : [`Did you mean: ${near}`]),
    names.length === 0 ? 'You have installed none.' : `You have: ${names.join(', ')}`,
  ])
}

/** `clinvk-backend-echo` is also `echo`. */
export function shortName(name: string): string {
  return name.replace(/^(@[^/]+\/)?clinvk-(?:backend|plugin)-/, '')
}
