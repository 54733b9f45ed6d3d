import type {Interfaces} from '@oclif/core'
import {backendsOf} from 'clinvk-kit/backends/discover'
import type {PluginPackage} from './plugin-package.js'

/** What a plugin would replace, a phrase each: `the backend echo of clinvk-backend-echo 0.1.0`. */
export async function conflicts(
  {name, provides}: PluginPackage,
  config: Interfaces.Config,
): Promise<string[]> {
  const {backends} = await backendsOf(config)
  const packages = [name, ...provides.plugins]
  return [
    ...packages.flatMap((one) => {
      const there = config.plugins.get(one)
      return there
        ? [`${one} ${there.version}${there.type === 'core' ? ', which came with clinvk' : ''}`]
        : []
    }),
    ...provides.backends.flatMap((backend) => {
      const there = backends.get(backend)
      return there === undefined || packages.includes(there.plugin)
        ? []
        : [`the backend ${backend} of ${there.plugin} ${there.pluginVersion}`]
    }),
  ]
}
