import type {Interfaces} from '@oclif/core'
import type {Descriptor} from 'clinvk-contract'
import {backendsOf} from '../backends/discover.js'
import {nearest} from '../format/text.js'
import type {Entry} from './check.js'
import {placeOf} from './problem.js'

/** The installed backends and plugins that settings can name. */
export interface Installed {
  readonly backends: ReadonlyMap<string, {readonly descriptor: Pick<Descriptor, 'options' | 'capabilities'>}>
  /** Package names. */
  readonly plugins: Iterable<string>
}

export function installedIn(config: Interfaces.Config): Installed {
  return {backends: backendsOf(config).backends, plugins: config.plugins.keys()}
}

/** One sentence for each backend and plugin that has settings and is not installed. */
export function notInstalled(entries: readonly Entry[], {backends, plugins}: Installed): string[] {
  const known = [...plugins]
  const sentences = new Map<string, string>()
  for (const {path, source} of entries) {
    const [section, name] = path
    if (name === undefined) continue
    const isUnknown =
      (section === 'backends' && !backends.has(name)) ||
      (section === 'plugins' && !known.some((plugin) => isCalled(plugin, name)))
    if (!isUnknown || sentences.has(`${section}.${name}`)) continue
    const near = section === 'backends' ? nearest(name, backends.keys()) : undefined
    sentences.set(
      `${section}.${name}`,
      `${placeOf(source)}: ${section}.${name} has no effect: no ${section.slice(0, -1)} of that name is installed.` +
        (near === undefined ? '' : ` Did you mean ${near}?`),
    )
  }

  return [...sentences.values()]
}

/** `clinvk-plugin-serve` may be called `serve`. */
function isCalled(plugin: string, name: string): boolean {
  return plugin === name || plugin.replace(/^.*clinvk-plugin-/, '') === name
}
