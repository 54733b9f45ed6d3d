import {nearest} from '../nearest.js'
import type {Entry} from './check.js'
import type {Installed} from './installed.js'
import {placeOf} from './source.js'

/** One sentence for each backend and plugin that has settings and is not installed. */
export function strangers(entries: readonly Entry[], {backends, plugins}: Installed): string[] {
  const named = new Map<string, string>()
  const say = (entry: Entry, what: string, near: string | undefined) => {
    const [section, name] = entry.path
    const id = `${section!}.${name!}`
    if (named.has(id)) return
    const hint = near === undefined ? '' : ` Did you mean ${near}?`
    named.set(
      id,
      `${placeOf(entry.source)}: ${id} has no effect: no ${what} of that name is installed.${hint}`,
    )
  }

  const known = [...plugins]
  for (const entry of entries) {
    const [section, name] = entry.path
    if (name === undefined) continue
    if (section === 'backends' && !backends.has(name)) say(entry, 'backend', nearest(name, backends.keys()))
    if (section === 'plugins' && !known.some((plugin) => isCalled(plugin, name)))
      say(entry, 'plugin', undefined)
  }

  return [...named.values()]
}

/** `clinvk-plugin-serve` may be called `serve`. */
function isCalled(plugin: string, name: string): boolean {
  return plugin === name || plugin.replace(/^.*clinvk-plugin-/, '') === name
}
