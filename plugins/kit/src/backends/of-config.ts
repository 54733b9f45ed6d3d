import type {Interfaces} from '@oclif/core'
import {discoverBackends, type Discovered} from './discover.js'

/** The backends of the plugins that oclif has loaded; a user's own come first. Imports none of them. */
export function backendsOf(config: Interfaces.Config): Discovered {
  const ours: readonly unknown[] = config.pjson.oclif.plugins ?? []
  return discoverBackends(
    config.getPluginsList().map(({name, pjson, root, type}) => ({
      name,
      root,
      pjson,
      isLinked: type === 'link',
      replacesOurs: type !== 'core' && ours.includes(name),
    })),
  )
}
