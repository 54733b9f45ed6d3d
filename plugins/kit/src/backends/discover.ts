import type {Backend, Descriptor} from 'clinvk-contract'
import {flawOfContribution} from './flaw-of-contribution.js'
import type {Origin} from './load-backend.js'
import {describedByCommand} from './text-agent/describe.js'

/** What an installed package tells of itself, as far as backends are concerned. */
export interface InstalledPlugin {
  readonly name: string
  /** Absolute directory of the package. */
  readonly root: string
  readonly pjson: {readonly version: string; readonly clinvk?: unknown}
  /** It is a user's own, and used instead of the package of this name that came with clinvk. */
  readonly replacesOurs?: boolean
  /** The user works on it, in its directory. */
  readonly isLinked?: boolean
}

/** A backend that is installed. Its module is imported by `load`, not before. */
export interface BackendEntry extends Origin {
  readonly descriptor: Descriptor
  /** The package whose backend of this name is not used because of this one; its own name where it came with clinvk. */
  readonly replaces?: string
  /** Throws a Failure of kind `unavailable` when the module is broken. */
  load(): Promise<Backend>
}

export interface Discovered {
  readonly backends: ReadonlyMap<string, BackendEntry>
  /** One sentence for each plugin that cannot be used. */
  readonly problems: readonly string[]
  /** Backends that are not used, because a package that comes before has one of that name. */
  readonly shadowed: readonly {readonly name: string; readonly plugin: string; readonly by: string}[]
}

/**
 * The backends of the installed packages, by name, read from the `clinvk` key of
 * their package.json. Packages come in order of precedence: a user's own may
 * replace one of ours.
 */
export function discoverBackends(plugins: Iterable<InstalledPlugin>): Discovered {
  const backends = new Map<string, BackendEntry>()
  const problems: string[] = []
  const shadowed: {name: string; plugin: string; by: string}[] = []
  for (const plugin of plugins) {
    const {clinvk} = plugin.pjson
    if (clinvk === undefined) continue
    const flaw = flawOfContribution(clinvk)
    if (flaw !== undefined) {
      problems.push(`${plugin.name} cannot be used as a backend: ${flaw}.`)
      continue
    }

    for (const [name, written] of Object.entries(
      (clinvk as {backends: Record<string, Descriptor>}).backends,
    )) {
      const first = backends.get(name)
      if (first) {
        shadowed.push({name, plugin: plugin.name, by: first.plugin})
        backends.set(name, {...first, replaces: first.replaces ?? plugin.name})
        continue
      }

      const descriptor = written.command ? describedByCommand(written, written.command) : written
      const origin = {
        name,
        plugin: plugin.name,
        pluginVersion: plugin.pjson.version,
        root: plugin.root,
        ...(plugin.isLinked ? {isLinked: true} : {}),
      }
      backends.set(name, {
        ...origin,
        descriptor,
        ...(plugin.replacesOurs ? {replaces: plugin.name} : {}),
        load: async () => {
          const {loadBackend} = await import('./load-backend.js')
          return loadBackend(origin, descriptor)
        },
      })
    }
  }

  return {backends, problems, shadowed}
}
